/*
 * watch.c: each look is read and put into words first, and drawn then: the store
 * is closed while a terminal takes its time.
 */
#include "commands/watch.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "commands/terminal.h"
#include "process/signals.h"
#include "report/frame.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The alternate screen leaves what was on the terminal as it is; the cursor would jump about. */
#define SCREEN_BEGIN "\033[?1049h\033[?25l\033[2J"
#define SCREEN_END   "\033[?25h\033[?1049l"

struct watch {
	struct look *look;
	int64_t interval_ms;
	bool drawing; /* a terminal that can */
	sigset_t waited;
	char *text; /* of the last look */
};

/* "Sat 2026-11-28 02:14:03, every 2s" */
static void print_heading(const struct watch *w, FILE *out)
{
	const struct style *style = &w->look->style;
	char at[CLOCK_TEXT_SIZE];
	char interval[TEXT_VALUE_SIZE];
	clock_format_local(clock_wall_ms(), at);
	text_duration(w->interval_ms, interval);
	fprintf(out, "%s%s, every %s%s\n", style->colour ? STYLE_FAINT : "", at, interval,
	        style->colour ? STYLE_END : "");
}

/* Puts the next look into words. What fails later than at first is part of them, unless they are for a
 * program. */
static bool look_again(struct watch *w, bool first, struct error *error)
{
	char *text = NULL;
	size_t size;
	bool json = w->look->in->settings.json;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return error_set(error, ERROR_SYSTEM, "out of memory");
	w->look->style = terminal_style((enum colour_when)w->look->in->settings.colour);
	if (!json)
		print_heading(w, out);
	bool ok = look_print(w->look, out, error);
	if (!ok && !first && !json) {
		char escaped[2 * ERROR_TEXT_SIZE];
		fprintf(out, "%s\n", text_escape(error->text, escaped, sizeof(escaped)));
	}
	fclose(out);
	free(w->text);
	w->text = text;
	return ok || (!first && !json);
}

static bool print(const struct watch *w, struct error *error)
{
	bool json = w->look->in->settings.json;
	if (w->drawing)
		frame_print(stdout, w->text, w->look->style.width, terminal_height());
	else
		printf("%s%s", w->text, json ? "" : "\n");
	if (fflush(stdout) == 0)
		return true;
	return error_set(error, ERROR_SYSTEM, "cannot write to standard output");
}

static void begin_screen(const struct watch *w)
{
	if (w->drawing)
		fputs(SCREEN_BEGIN, stdout);
}

/* What was seen last stays in sight. */
static void end_screen(const struct watch *w)
{
	if (!w->drawing)
		return;
	printf("%s%s", SCREEN_END, w->text != NULL ? w->text : "");
	fflush(stdout);
}

/* Ctrl-Z: the shell gets its own screen for that time. */
static void stop(const struct watch *w)
{
	sigset_t only;
	end_screen(w);
	sigemptyset(&only);
	sigaddset(&only, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	/* here it has stopped, and goes on */
	sigprocmask(SIG_BLOCK, &only, NULL);
	begin_screen(w);
}

/* Waits until it is time for the next look, or the screen has changed. Returns a signal that ends it all;
 * else 0. */
static int wait_for_next(const struct watch *w)
{
	struct timespec interval = {.tv_sec = (time_t)(w->interval_ms / MS_PER_S),
	                            .tv_nsec = (long)(w->interval_ms % MS_PER_S) * NS_PER_MS};
	int number = sigtimedwait(&w->waited, NULL, &interval);
	if (number == SIGTSTP)
		stop(w);
	return number <= 0 || number == SIGTSTP || number == SIGWINCH ? 0 : number;
}

static void block_signals(struct watch *w)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
	sigemptyset(&w->waited);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct sigaction action;
		bool ignored = sigaction(numbers[i], NULL, &action) == 0 && action.sa_handler == SIG_IGN;
		if (!ignored)
			sigaddset(&w->waited, numbers[i]);
	}
	sigprocmask(SIG_BLOCK, &w->waited, NULL);
}

int watch(struct look *look, int64_t interval_ms, struct error *error)
{
	struct watch w = {
		.look = look,
		.interval_ms = interval_ms,
		.drawing = look->for_people && terminal_is_able(),
	};
	enum message_level level = look->in->level;
	int number = 0;
	block_signals(&w);
	bool ok = look_again(&w, true, error);
	look->steady = true;
	look->in->level = w.drawing ? MESSAGE_QUIET : level; /* the screen is no place for other lines */
	if (ok)
		begin_screen(&w);
	bool begun = ok;
	while (ok && number == 0) {
		ok = print(&w, error);
		number = ok ? wait_for_next(&w) : 0;
		if (ok && number == 0)
			ok = look_again(&w, false, error);
	}
	if (begun)
		end_screen(&w);
	free(w.text);
	look->in->level = level;
	if (ok)
		signals_die_of(number);
	return ok ? 0 : -1;
}
