/*
 * message.h: what cbrun itself says on standard error, one line a message,
 * each written by a single write(2), so that lines of many processes do not mix.
 */
#ifndef CBRUN_BASE_MESSAGE_H
#define CBRUN_BASE_MESSAGE_H

enum message_level {
	MESSAGE_QUIET,   /* says nothing at all */
	MESSAGE_NORMAL,  /* errors and rejections */
	MESSAGE_VERBOSE, /* decisions and signals too */
};

/*
 * Writes "cbrun: " and the text if `level` is at least `needed`. The text is
 * escaped; a standard error that is closed or broken is not an error.
 */
__attribute__((format(printf, 3, 4))) void message_print(enum message_level level, enum message_level needed,
                                                         const char *format, ...);

/*
 * Where the messages of a module go that does not print: `take` gets each with
 * the level from which on it is meant to be read. It cannot fail.
 */
struct message_sink {
	void (*take)(void *context, enum message_level needed, const char *text);
	void *context;
};

/* Hands a message to the sink. */
__attribute__((format(printf, 3, 4))) void message_send(const struct message_sink *sink,
                                                        enum message_level needed, const char *format, ...);

#endif
