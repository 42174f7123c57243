/* doctor.c: `cbrun doctor`: is the store in order, and if not, what to do? Changes nothing. */
#include "base/text.h"
#include "commands/command.h"

struct diagnosis {
	int bad;
	bool quiet;
};

static void print(void *context, bool good, const char *finding)
{
	struct diagnosis *diagnosis = context;
	char escaped[2 * ERROR_TEXT_SIZE];
	diagnosis->bad += !good;
	if (!diagnosis->quiet)
		printf("%-4s %s\n", good ? "ok" : "BAD", text_escape(finding, escaped, sizeof(escaped)));
}

static int run(struct invocation *in, struct error *error)
{
	struct diagnosis diagnosis = {.quiet = in->level == MESSAGE_QUIET};
	struct store_options options = {
		.path = in->settings.store,
		.access = STORE_READ,
		.lock_timeout_ms = in->settings.lock_timeout_ms,
	};
	if (in->line.operand_count > 0)
		return error_set(error, ERROR_USAGE, "doctor takes no names"), -1;
	if (!store_diagnose(&options, print, &diagnosis, error))
		return -1;
	return diagnosis.bad > 0 ? 1 : 0;
}

const struct command doctor_command = {
	.name = "doctor",
	.arguments = "",
	.summary = "Look the store over, and say what is wrong and what to do",
	.scope = SCOPE_DOCTOR,
	.run = run,
};
