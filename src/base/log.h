/*
 * log.h: lines for the machine's log, or for a file.
 */
#ifndef CBRUN_BASE_LOG_H
#define CBRUN_BASE_LOG_H

#include "base/error.h"

/* As of syslog(3). */
enum log_priority {
	LOG_PRIORITY_ERROR = 3,
	LOG_PRIORITY_WARNING = 4,
	LOG_PRIORITY_NOTICE = 5,
	LOG_PRIORITY_INFO = 6
};

/*
 * Writes one line. `where` is "syslog", "journal" (systemd's), or a file, which
 * is made with mode 0600 and appended to by a single write. The text is escaped.
 */
bool log_write(const char *where, enum log_priority priority, const char *text, struct error *error);

#endif
