/* test_progress.c: what a person at a terminal sees of what takes long, and nobody else. */
#include "suites.h"

#include "base/progress.h"
#include "base/units.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Standard error, put aside; and what reads what is written there instead. */
struct stage {
	int kept;
	int reader;
	char text[256];
};

static void begin(struct stage *s, int reader, int writer)
{
	s->reader = reader;
	s->kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	dup2(writer, STDERR_FILENO);
	close(writer);
	setenv("TERM", "xterm", 1);
}

static void end(struct stage *s)
{
	dup2(s->kept, STDERR_FILENO);
	close(s->kept);
	close(s->reader);
}

/* A terminal on which nothing is changed on the way. */
static bool begin_terminal(struct stage *s)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
		return false;
	int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave >= 0)
		begin(s, master, slave);
	return slave >= 0;
}

/* What was written since the last time: all that comes before a mark of our own. */
static const char *shown(struct stage *s)
{
	static const char mark = '|';
	size_t length = 0;
	if (write(STDERR_FILENO, &mark, 1) == 1)
		while (length < sizeof(s->text) && read(s->reader, s->text + length, 1) == 1 && s->text[length] != mark)
			length++;
	s->text[length < sizeof(s->text) ? length : 0] = '\0';
	return s->text;
}

/* So much more time has passed, without anybody waiting. */
static void let_pass(struct progress *p, int64_t seconds)
{
	p->begun_us -= seconds * US_PER_S;
	p->next_us -= seconds * US_PER_S;
}

enum { HOUR_S = 3600 };

static void it_appears_after_a_second_and_is_wiped(struct unit *u)
{
	struct stage s;
	struct progress p;
	if (!begin_terminal(&s))
		return;
	progress_begin(&p, "counting", true);
	CHECK_INT(u, p.next_us - p.begun_us, US_PER_S);
	let_pass(&p, -HOUR_S);
	progress_tell(&p, 1, 4);
	progress_wipe(&p);
	CHECK_STR(u, shown(&s), "");
	let_pass(&p, HOUR_S + 1);
	progress_tell(&p, 1, 4);
	CHECK_STR(u, shown(&s), "\r\033[Kcbrun: counting: 25 %");
	let_pass(&p, -HOUR_S); /* it was told just now */
	progress_tell(&p, 2, 4);
	CHECK_STR(u, shown(&s), "");
	let_pass(&p, HOUR_S + 1);
	progress_tell(&p, 3, 4);
	CHECK_STR(u, shown(&s), "\r\033[Kcbrun: counting: 75 %");
	progress_wipe(&p);
	CHECK_STR(u, shown(&s), "\r\033[K");
	progress_wipe(&p);
	CHECK_STR(u, shown(&s), "");
	end(&s);
}

static void where_the_end_is_unknown_it_tells_how_long(struct unit *u)
{
	struct stage s;
	struct progress p;
	if (!begin_terminal(&s))
		return;
	progress_begin(&p, "looking", true);
	let_pass(&p, HOUR_S);
	progress_tell(&p, 7, 0);
	CHECK(u, strncmp(shown(&s), "\r\033[Kcbrun: looking: 36", 21) == 0 && s.text[strlen(s.text) - 1] == 's');
	end(&s);
}

static void nobody_else_is_told(struct unit *u)
{
	struct stage s;
	struct progress p;
	int ends[2];
	bool ok = pipe(ends) == 0;
	CHECK(u, ok);
	if (!ok)
		return;
	begin(&s, ends[0], ends[1]);
	progress_begin(&p, "counting", true);
	let_pass(&p, HOUR_S);
	progress_tell(&p, 1, 4);
	progress_wipe(&p);
	CHECK_STR(u, shown(&s), "");
	end(&s);
}

static void nor_who_is_quiet_or_has_a_dumb_terminal(struct unit *u)
{
	static const char *const terms[] = {"xterm", "dumb", NULL};
	struct stage s;
	struct progress p;
	for (int i = 0; i < 3 && begin_terminal(&s); i++) {
		if (terms[i] != NULL)
			setenv("TERM", terms[i], 1);
		else
			unsetenv("TERM");
		progress_begin(&p, "counting", i > 0);
		let_pass(&p, HOUR_S);
		progress_tell(&p, 1, 4);
		progress_wipe(&p);
		CHECK_STR(u, shown(&s), "");
		end(&s);
	}
}

/* Whoever has stopped the terminal by Ctrl-S holds up nothing. */
static void a_terminal_that_takes_nothing_is_not_waited_for(struct unit *u)
{
	struct stage s;
	struct progress p;
	char page[4096];
	memset(page, 'x', sizeof(page));
	if (!begin_terminal(&s))
		return;
	int flags = fcntl(STDERR_FILENO, F_GETFL);
	fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
	while (write(STDERR_FILENO, page, sizeof(page)) > 0)
		;
	while (write(STDERR_FILENO, page, 1) > 0)
		;
	fcntl(STDERR_FILENO, F_SETFL, flags);
	progress_begin(&p, "counting", true);
	let_pass(&p, HOUR_S);
	progress_tell(&p, 1, 4);
	progress_wipe(&p);
	CHECK(u, true); /* it came back */
	end(&s);
}

const struct unit_test progress_tests[] = {
	{"progress: a line appears after a second, goes on, and is wiped", it_appears_after_a_second_and_is_wiped},
	{"progress: where the end is unknown, it tells how long", where_the_end_is_unknown_it_tells_how_long},
	{"progress: a pipe gets nothing", nobody_else_is_told},
	{"progress: nor does who is quiet, or has a terminal that cannot wipe", nor_who_is_quiet_or_has_a_dumb_terminal},
	{"progress: a terminal that takes nothing is not waited for", a_terminal_that_takes_nothing_is_not_waited_for},
	{0},
};
