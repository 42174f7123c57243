/* doctor.c: `cbrun doctor`: is the store in order, and if not, what to do? Changes nothing. */
#include "base/progress.h"
#include "base/text.h"
#include "commands/command.h"

#include <string.h>

struct diagnosis {
	int bad;
	bool quiet;
	struct progress progress;
};

static void print_as(const struct diagnosis *diagnosis, const char *kind, const char *finding)
{
	char escaped[2 * ERROR_TEXT_SIZE];
	if (!diagnosis->quiet)
		printf("%-4s %s\n", kind, text_escape(finding, escaped, sizeof(escaped)));
}

static void print(void *context, bool good, const char *finding)
{
	struct diagnosis *diagnosis = context;
	progress_wipe(&diagnosis->progress);
	diagnosis->bad += !good;
	print_as(diagnosis, good ? "ok" : "BAD", finding);
}

/* It may be somebody else's, and is nothing bad; or it was meant to be an option. */
static void print_stranger(void *context, const char *variable)
{
	char finding[ERROR_TEXT_SIZE];
	snprintf(finding, sizeof(finding), "%.*s in the environment means nothing to cbrun",
	         (int)strcspn(variable, "="), variable);
	print_as(context, "note", finding);
}

/* How much of the store is left to check nobody knows. */
static void tick(void *progress)
{
	progress_tell(progress, 0, 0);
}

static int run(struct invocation *in, struct error *error)
{
	struct diagnosis diagnosis = {.quiet = in->level == MESSAGE_QUIET};
	struct store_options options = {
		.path = in->settings.store,
		.access = STORE_READ,
		.lock_timeout_ms = in->settings.lock_timeout_ms,
		.store_timeout_ms = in->settings.store_timeout_ms,
		.redis_prefix = in->settings.redis_prefix,
		.redis_password_file = in->settings.redis_password_file,
		.tick = tick,
		.tick_context = &diagnosis.progress,
	};
	if (in->line.operand_count > 0)
		return error_set(error, ERROR_USAGE, "doctor takes no names"), -1;
	progress_begin(&diagnosis.progress, "checking the store", !diagnosis.quiet);
	bool ok = store_diagnose(&options, print, &diagnosis, error);
	progress_wipe(&diagnosis.progress);
	if (!ok)
		return -1;
	settings_each_stranger(print_stranger, &diagnosis);
	return diagnosis.bad > 0 ? 1 : 0;
}

const struct command doctor_command = {
	.name = "doctor",
	.arguments = "",
	.summary = "Look the store over, and say what is wrong and what to do",
	.scope = SCOPE_DOCTOR,
	.run = run,
};
