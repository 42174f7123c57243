/*
 * log.h: writes lines to the machine's log, or to a file.
 */
#ifndef CBRUN_BASE_LOG_H
#define CBRUN_BASE_LOG_H

#include "base/error.h"

#include <stddef.h>

/* As of syslog(3). */
enum log_priority {
	LOG_PRIORITY_ERROR = 3,
	LOG_PRIORITY_WARNING = 4,
	LOG_PRIORITY_NOTICE = 5,
	LOG_PRIORITY_INFO = 6
};

/* What a journal can search for besides the message. The name consists of capitals, digits and underscores. */
struct log_field {
	const char *name;
	const char *value;
};

struct log_entry {
	enum log_priority priority;
	const char *text;               /* one line */
	const char *kind;               /* what kind of message it is, as a MESSAGE_ID of the journal */
	const struct log_field *fields; /* at most LOG_FIELDS, for the journal alone; borrowed */
	size_t field_count;
};

enum { LOG_FIELDS = 8 };

/*
 * Writes the entry. `where` is "syslog", "journal" (systemd's), or a file, which
 * is made with mode 0600 and appended to by a single write. Text and values are
 * escaped.
 */
bool log_write(const char *where, const struct log_entry *entry, struct error *error);

#endif
