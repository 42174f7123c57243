/* message.c: lines on standard error. */
#include "base/message.h"

#include "base/text.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_SIZE = 2048, PATIENCE_MS = 1000 };

/* Signals may be blocked, so a standard error that nobody reads must not hold us up for long. */
static bool takes_a_line(void)
{
	struct pollfd error = {.fd = STDERR_FILENO, .events = POLLOUT};
	return poll(&error, 1, PATIENCE_MS) != 0;
}

/* Writes to a pipe that may be broken without dying of SIGPIPE. */
static void write_quietly(const char *line, size_t length)
{
	sigset_t pipe_set;
	sigset_t old;
	sigset_t pending;
	if (!takes_a_line())
		return;
	sigemptyset(&pipe_set);
	sigaddset(&pipe_set, SIGPIPE);
	sigpending(&pending);
	sigprocmask(SIG_BLOCK, &pipe_set, &old);
	ssize_t written = write(STDERR_FILENO, line, length);
	struct timespec at_once = {0};
	if (written < 0 && !sigismember(&pending, SIGPIPE))
		sigtimedwait(&pipe_set, NULL, &at_once);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

void message_print(enum message_level level, enum message_level needed, const char *format, ...)
{
	char raw[LINE_SIZE / 2];
	char line[LINE_SIZE] = "cbrun: ";
	va_list arguments;
	if (level < needed)
		return;
	va_start(arguments, format);
	vsnprintf(raw, sizeof(raw), format, arguments);
	va_end(arguments);
	size_t prefix = strlen(line);
	text_escape(raw, line + prefix, sizeof(line) - prefix - 1);
	size_t length = strlen(line);
	line[length++] = '\n';
	write_quietly(line, length);
}

void message_send(const struct message_sink *sink, enum message_level needed, const char *format, ...)
{
	char text[LINE_SIZE / 2];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	sink->take(sink->context, needed, text);
}
