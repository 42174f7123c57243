/* mapping.c: a handler for SIGBUS that leaves the work. */
#include "store/local/mapping.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

static sigjmp_buf *way_out; /* of the innermost guard; NULL outside */

static void leave(int signal)
{
	if (way_out != NULL)
		siglongjmp(*way_out, 1);
	struct sigaction usual = {.sa_handler = SIG_DFL}; /* not ours: the same again, and it kills */
	sigaction(signal, &usual, NULL);
}

/* Once. A command does not inherit it: exec makes it the usual one again. One that is ignored is left so. */
static void install(void)
{
	static bool installed;
	struct sigaction ours = {.sa_handler = leave, .sa_flags = SA_NODEFER};
	struct sigaction found;
	if (installed)
		return;
	installed = true;
	if (sigaction(SIGBUS, NULL, &found) == 0 && found.sa_handler != SIG_IGN)
		sigaction(SIGBUS, &ours, NULL);
}

bool mapping_guard(void (*work)(void *context), void *context)
{
	sigjmp_buf here;
	sigjmp_buf *const outer = way_out;
	install();
	if (sigsetjmp(here, 0) != 0) {
		way_out = outer;
		return false;
	}
	way_out = &here;
	work(context);
	way_out = outer;
	return true;
}
