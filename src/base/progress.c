/* progress.c: a line that is written over. */
#include "base/progress.h"

#include "base/clock.h"
#include "base/units.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_US = 1000000, EACH_US = 200000 };

/* Back to the beginning of the line, and wipe it: ECMA-48, EL. */
#define WIPE "\r\033[K"

static bool somebody_looks(void)
{
	const char *term = getenv("TERM");
	return term != NULL && strcmp(term, "dumb") != 0 && isatty(STDERR_FILENO);
}

void progress_begin(struct progress *p, const char *what, bool wanted)
{
	*p = (struct progress){.what = wanted && somebody_looks() ? what : NULL, .begun_us = clock_boot_us()};
	p->next_us = p->begun_us + PATIENCE_US;
}

/* By one write, and only if there is room: whoever has stopped the terminal holds up nothing. */
static void put(const char *text)
{
	struct pollfd terminal = {.fd = STDERR_FILENO, .events = POLLOUT};
	if (poll(&terminal, 1, 0) == 1 && (terminal.revents & POLLOUT) != 0 &&
	    write(STDERR_FILENO, text, strlen(text)) < 0)
		return; /* it was nobody's terminal any more */
}

void progress_tell(struct progress *p, int64_t done, int64_t whole)
{
	char line[128];
	int64_t now_us = p->what != NULL ? clock_boot_us() : 0;
	if (p->what == NULL || now_us < p->next_us)
		return;
	if (whole > 0)
		snprintf(line, sizeof(line), WIPE "cbrun: %s: %d %%", p->what, (int)(100.0 * (double)done / (double)whole));
	else
		snprintf(line, sizeof(line), WIPE "cbrun: %s: %llds", p->what,
		         (long long)((now_us - p->begun_us) / US_PER_S));
	put(line);
	p->next_us = now_us + EACH_US;
	p->shown = true;
}

void progress_wipe(struct progress *p)
{
	if (p->shown)
		put(WIPE);
	p->shown = false;
}
