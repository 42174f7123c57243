/* hints.c: a pipe, and the lines that come out of it. */
#include "process/hints.h"

#include "base/clock.h"
#include "base/decimal.h"
#include "base/http_date.h"
#include "base/text.h"
#include "base/units.h"
#include "process/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BLOCK_SIZE = 4096, MOST_TOLD = 8, LAST_DIGIT = 9 };

static const char variable_name[] = "BREAKER_HINT_FD=";

static void forget(struct hints *h)
{
	h->outcome = HINT_NONE;
	h->retry_after_ms = 0;
	h->reason[0] = '\0';
	h->length = 0;
}

void hints_init(struct hints *h, const struct message_sink *sink)
{
	*h = (struct hints){.sink = sink, .ours = -1, .child = -1};
}

/*
 * A number for the command's end that the caller has given to nothing else. One
 * of ours that is closed when the command executes will do. A shell may know no
 * descriptors beyond 9.
 */
static int free_number(int end)
{
	for (int number = STDERR_FILENO + 1; number <= LAST_DIGIT; number++) {
		int flags = fcntl(number, F_GETFD);
		if (flags < 0 || (flags & FD_CLOEXEC) != 0)
			return number;
	}
	return end;
}

/* This process's environment, with our variable instead of one that was there. */
static char **make_environment(char *variable)
{
	size_t count = 0;
	while (environ[count] != NULL)
		count++;
	char **all = calloc(count + 2, sizeof(*all));
	if (all == NULL)
		return NULL;
	char **end = all;
	*end++ = variable;
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], variable_name, sizeof(variable_name) - 1) != 0)
			*end++ = environ[i];
	return all;
}

bool hints_open(struct hints *h)
{
	forget(h);
	if (!pipe_from_child(&h->ours, &h->child))
		return false;
	h->number = free_number(h->child);
	snprintf(h->variable, sizeof(h->variable), "%s%d", variable_name, h->number);
	h->environment = make_environment(h->variable);
	if (h->environment != NULL)
		return true;
	pipe_close(&h->child);
	pipe_close(&h->ours);
	errno = ENOMEM;
	return false;
}

void hints_started(struct hints *h)
{
	pipe_close(&h->child);
	free(h->environment);
	h->environment = NULL;
}

static bool heed_outcome(struct hints *h, const char *word)
{
	static const char *const words[] = {
		[HINT_SUCCESS] = "success",
		[HINT_FAILURE] = "failure",
		[HINT_IGNORED] = "ignored",
	};
	for (int i = HINT_SUCCESS; i <= HINT_IGNORED; i++)
		if (strcmp(word, words[i]) == 0) {
			h->outcome = (enum outcome_hint)i;
			return true;
		}
	return false;
}

/* It is a time of the wall clock: how far off it is, is counted from now. One that is over asks for nothing. */
static bool heed_retry_time(struct hints *h, const char *date)
{
	int64_t wall_ms;
	if (!http_date_read(date, &wall_ms))
		return false;
	int64_t now_ms = clock_wall_ms();
	h->retry_after_ms = wall_ms > now_ms ? wall_ms - now_ms : 0;
	return true;
}

static bool heed_retry_after(struct hints *h, const char *when)
{
	struct decimal number;
	const char *end = decimal_read(when, &number);
	if (end == NULL || *end != '\0')
		return heed_retry_time(h, when);
	if (number.whole >= INT64_MAX / MS_PER_S - 1)
		h->retry_after_ms = INT64_MAX;
	else
		h->retry_after_ms =
			number.whole * MS_PER_S + number.billionths / (DECIMAL_BILLIONTHS / MS_PER_S);
	return true;
}

static bool heed_reason(struct hints *h, const char *text)
{
	text_cut(text, h->reason, sizeof(h->reason));
	return true;
}

/* Whether the line is a hint. */
static bool heed(struct hints *h, const char *line)
{
	static const struct {
		const char *word;
		bool (*heed)(struct hints *h, const char *text);
	} kinds[] = {
		{"outcome ", heed_outcome}, {"retry-after ", heed_retry_after}, {"reason ", heed_reason}};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i].word);
		if (strncmp(line, kinds[i].word, length) == 0)
			return kinds[i].heed(h, line + length + strspn(line + length, " "));
	}
	return false;
}

/* The line is complete. */
static void take_line(struct hints *h)
{
	bool fits = h->length < sizeof(h->line);
	if (!fits)
		h->length = sizeof(h->line) - 1;
	while (h->length > 0 && strchr(" \t\r", h->line[h->length - 1]) != NULL)
		h->length--;
	h->line[h->length] = '\0';
	h->length = 0;
	if ((fits && heed(h, h->line)) || h->told++ >= MOST_TOLD)
		return;
	message_send(h->sink, MESSAGE_VERBOSE, "the command wrote a line that is not a hint: '%s'",
	             TEXT_BRIEF(h->line));
}

static void take_bytes(struct hints *h, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '\n')
			take_line(h);
		else if (h->length < sizeof(h->line))
			h->line[h->length++] = bytes[i];
	}
}

/* Returns how many bytes there were; 0 or less if there are none. */
static ssize_t read_some(struct hints *h, size_t most)
{
	char block[BLOCK_SIZE];
	ssize_t length = read(h->ours, block, most < sizeof(block) ? most : sizeof(block));
	if (length > 0)
		take_bytes(h, block, (size_t)length);
	return length;
}

int hints_polls(const struct hints *h, struct pollfd polls[HINTS_POLLS])
{
	polls[0] = (struct pollfd){.fd = h->ours, .events = POLLIN};
	return h->ours >= 0 ? 1 : 0;
}

void hints_move(struct hints *h, const struct pollfd *polls)
{
	if (polls[0].revents != 0 && read_some(h, BLOCK_SIZE) == 0)
		pipe_close(&h->ours);
}

void hints_ended(struct hints *h)
{
	int rest = 0; /* what others that hold the pipe write from now on is too late */
	if (h->ours >= 0 && ioctl(h->ours, FIONREAD, &rest) != 0)
		rest = 0;
	while (rest > 0) {
		ssize_t length = read_some(h, (size_t)rest);
		rest = length > 0 ? rest - (int)length : 0;
	}
	if (h->length > 0)
		take_line(h);
	pipe_close(&h->ours);
}
