/* output.c: `cbrun output NAME`: what the calls that failed since the last success have written. Changes nothing. */
#include "base/clock.h"
#include "base/text.h"
#include "commands/command.h"

#include <string.h>
#include <unistd.h>

enum { STRETCH = 512 };

/* A stretch of text that text_escape() can show: no lines, tabs and NULs, and no character torn. */
static size_t stretch_at(const char *bytes, size_t length)
{
	size_t count = 0;
	while (count < length && strchr("\n\t\\", bytes[count]) == NULL) { /* nor a NUL */
		size_t size = length - count >= 4 ? text_utf8_length(bytes + count) : 1;
		if (count + 4 > STRETCH)
			break;
		count += size > 0 ? size : 1;
	}
	return count;
}

/* A terminal shall do nothing that the output asks it for. */
static void print_escaped(const char *bytes, size_t length)
{
	char text[STRETCH + 1];
	char shown[4 * STRETCH + 4];
	while (length > 0) {
		size_t count = stretch_at(bytes, length);
		memcpy(text, bytes, count);
		text[count] = '\0';
		fputs(text_escape(text, shown, sizeof(shown)), stdout);
		bytes += count;
		length -= count;
		if (length == 0)
			break;
		if (*bytes == '\0')
			fputs("\\x00", stdout);
		else if (strchr("\n\t\\", *bytes) != NULL)
			fputc(*bytes, stdout);
		else
			continue;
		bytes++;
		length--;
	}
}

static void print_output(const struct invocation *in, const struct store_output *output, const char *name,
                         const char *which)
{
	char bytes[STORE_FAILURE_LIMIT];
	char at[CLOCK_TEXT_SIZE];
	clock_format_brief(output->wall_ms, clock_wall_ms(), at);
	ssize_t length = output->read(output->context, 0, bytes, sizeof(bytes));
	fflush(stdout);
	message_print(in->level, MESSAGE_NORMAL, "%s: the %s failure, at %s%s", name, which, at,
	              length > 0 ? ":" : ", wrote nothing");
	if (length > 0 && isatty(STDOUT_FILENO))
		print_escaped(bytes, (size_t)length);
	else if (length > 0)
		fwrite(bytes, 1, (size_t)length, stdout);
}

/* Prints one of the two. `wanted` then asks for a later one. */
static bool print_kept(const struct invocation *in, struct store *store, const char *name,
                       struct store_wanted *wanted, struct error *error)
{
	struct store_output *output;
	if (!store_load_output(store, name, wanted, &output, error))
		return false;
	if (output == NULL)
		return true;
	print_output(in, output, name, wanted->kind == STORE_OUTPUT_FIRST_FAILURE ? "first" : "last");
	wanted->least_number = output->number + 1;
	store_close_output(output);
	return true;
}

static bool print_both(const struct invocation *in, struct store *store, const char *name, struct error *error)
{
	struct breaker b;
	struct store_step step;
	if (!store_look(store, name, &step, &b, error))
		return false;
	if (!step.found)
		return command_no_breaker(name, error);
	struct store_wanted wanted = {STORE_OUTPUT_FIRST_FAILURE, b.failures_at_success + 1};
	int64_t before = wanted.least_number;
	if (!print_kept(in, store, name, &wanted, error))
		return false;
	wanted.kind = STORE_OUTPUT_LAST_FAILURE;
	if (!print_kept(in, store, name, &wanted, error))
		return false;
	if (wanted.least_number > before)
		return true;
	const char *why = "only --output failure or change keeps it";
	if (b.totals.failures == b.failures_at_success)
		why = "no call has failed since the last success";
	message_print(in->level, MESSAGE_NORMAL, "%s: no output of a failed call is kept: %s", name, why);
	return true;
}

static int run(struct invocation *in, struct error *error)
{
	const char *name = NULL;
	struct store *store;
	if (!command_name(in, &name, error) || !command_open_store(in, STORE_READ, &store, error))
		return -1;
	bool ok = store != NULL ? print_both(in, store, name, error) : command_no_breaker(name, error);
	command_close_store(in, store);
	return ok ? 0 : -1;
}

const struct command output_command = {
	.name = "output",
	.since = "0.2.0",
	.arguments = "NAME",
	.summary = "Print what the first and the last failed call wrote",
	.scope = SCOPE_OUTPUT,
	.run = run,
};
