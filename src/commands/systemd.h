/*
 * systemd.h: how a systemd service ended, as its ExecStopPost= finds it in the
 * environment: $SERVICE_RESULT, $EXIT_CODE, $EXIT_STATUS; see systemd.exec(5).
 */
#ifndef CBRUN_COMMANDS_SYSTEMD_H
#define CBRUN_COMMANDS_SYSTEMD_H

#include "base/error.h"
#include "breaker/outcome.h"

#include <stdbool.h>
#include <stdint.h>

struct systemd_end {
	bool ran; /* the service's command, or systemd tried to run it; else the rest says nothing */
	struct ending ending;
	int64_t exit;   /* as a shell shows the ending */
	bool as_wanted; /* the unit calls it a success */
};

/* Reads the environment. False if this is not an ExecStopPost=, or the values make no sense. */
bool systemd_read_end(struct systemd_end *end, struct error *error);

#endif
