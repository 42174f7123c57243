/* log.c: syslog, the journal, files. */
#include "base/log.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

enum { LINE_SIZE = 2048 };

static const char *priority_name(enum log_priority priority)
{
	switch (priority) {
	case LOG_PRIORITY_ERROR:
		return "error";
	case LOG_PRIORITY_WARNING:
		return "warning";
	case LOG_PRIORITY_NOTICE:
		return "notice";
	case LOG_PRIORITY_INFO:
		return "info";
	}
	return "?";
}

/* -1 with errno set. */
static int connect_to_syslog(int type)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	int cause = errno;
	close(fd);
	errno = cause;
	return -1;
}

/*
 * As syslog(3), which would wait for a daemon that hangs. Where that would log nothing and say nothing, as on
 * a machine that has no such daemon, nor does this.
 */
static bool to_syslog(enum log_priority priority, const char *text, struct error *error)
{
	char line[LINE_SIZE + 128];
	char time[CLOCK_TEXT_SIZE];
	clock_format_syslog(clock_wall_ms(), time);
	size_t size = (size_t)snprintf(line, sizeof(line), "<%d>%s cbrun[%ld]: %s", LOG_DAEMON | (int)priority,
	                               time, (long)getpid(), text);
	int fd = connect_to_syslog(SOCK_DGRAM);
	if (fd < 0 && errno == EPROTOTYPE) {
		fd = connect_to_syslog(SOCK_STREAM);
		size++; /* in a stream, the NUL ends a message */
	}
	bool ok = fd >= 0 && send(fd, line, size, MSG_NOSIGNAL) >= 0;
	int cause = errno;
	if (fd >= 0)
		close(fd);
	return ok || cause != EAGAIN || error_set_errno(error, ERROR_SYSTEM, cause, "cannot log to syslog");
}

/* Appends "NAME=value\n"; what has no room is left out, so that the rest is still read. */
static void append_field(char *datagram, size_t size, size_t *used, const struct log_field *field)
{
	char value[LINE_SIZE];
	text_escape(field->value, value, sizeof(value));
	int length = snprintf(datagram + *used, size - *used, "%s=%s\n", field->name, value);
	if (length > 0 && (size_t)length < size - *used)
		*used += (size_t)length;
}

/* The journal's native protocol: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/ */
static bool to_journal(const struct log_entry *entry, const char *text, struct error *error)
{
	char datagram[(LOG_FIELDS + 1) * LINE_SIZE];
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket"};
	size_t used = (size_t)snprintf(datagram, sizeof(datagram),
	                               "PRIORITY=%d\nSYSLOG_IDENTIFIER=cbrun\nMESSAGE_ID=%s\nMESSAGE=%s\n",
	                               (int)entry->priority, entry->kind, text);
	for (size_t i = 0; i < entry->field_count; i++)
		append_field(datagram, sizeof(datagram), &used, &entry->fields[i]);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* a journal that hangs must not hold up the call */
	bool ok = fd >= 0 && sendto(fd, datagram, used, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address,
	                            sizeof(address)) == (ssize_t)used;
	if (!ok)
		error_set_errno(error, ERROR_SYSTEM, errno, "cannot log to the journal");
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool to_file(const char *path, enum log_priority priority, const char *text, struct error *error)
{
	char line[LINE_SIZE + 128];
	char time[CLOCK_TEXT_SIZE];
	clock_format_utc(clock_wall_ms(), time);
	int length = snprintf(line, sizeof(line), "%s %s %s\n", time, priority_name(priority), text);
	/* a FIFO that nobody reads must not hold up the call */
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	bool ok = fd >= 0 && write(fd, line, (size_t)length) == length;
	if (!ok)
		error_set_errno(error, ERROR_SYSTEM, errno, "cannot log to %s", path);
	if (fd >= 0)
		close(fd);
	return ok;
}

bool log_write(const char *where, const struct log_entry *entry, struct error *error)
{
	char line[LINE_SIZE];
	text_escape(entry->text, line, sizeof(line));
	if (strcmp(where, "syslog") == 0)
		return to_syslog(entry->priority, line, error);
	if (strcmp(where, "journal") == 0)
		return to_journal(entry, line, error);
	return to_file(where, entry->priority, line, error);
}
