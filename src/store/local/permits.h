/*
 * permits.h: permits as kernel locks.
 *
 * A running call holds an open-file-description lock on one byte of the
 * permits file. The byte's offset says which breaker and pid it is, and
 * whether it is a trial call. The kernel gives the lock back when the process
 * dies, however it dies, so no permit can go stale. The file stays empty.
 *
 *   offset = hash of the breaker's name << 24 | spill << 23 | trial << 22 | pid
 *
 * From PERMITS_END on are the bytes of those who wait for one: see queue.h.
 *
 * It is the name, not the row's id, because a breaker that was removed, replaced
 * or set aside meanwhile still has its running calls. The hash has 38 bits; if two
 * names share one, each also counts the other's calls, which makes a limit
 * stricter but never laxer.
 *
 * `spill` is for pids that occur in two pid namespaces: the second process takes a
 * byte of that half, whose low bits are not a pid.
 *
 * Another program's lock on the file, of a backup or a file server, makes
 * counting and taking fail: nothing that is counted around it would be right.
 */
#ifndef CBRUN_STORE_LOCAL_PERMITS_H
#define CBRUN_STORE_LOCAL_PERMITS_H

#include "base/error.h"
#include "breaker/breaker.h"
#include "store/local/location.h"

/* The offset after the last permit. */
#define PERMITS_END (INT64_C(1) << 62)

struct permits {
	int fd;           /* -1: no file, so nobody holds a permit */
	const char *path; /* the location's */
};

typedef void permits_visitor(void *context, int64_t pid, bool trial);

/* A random id for a new breaker. */
int64_t permits_draw_id(void);

/* Whether permits_draw_id() may have drawn it. */
bool permits_id_fits(int64_t id);

/*
 * Opens the permits file, to take permits or only to count them. If it is
 * missing, fd is -1 and all is well.
 */
bool permits_open(struct permits *permits, const struct location *location, bool taking, struct error *error);

/* The same, to take permits. If it is missing, it is made. */
bool permits_make(struct permits *permits, const struct location *location, struct error *error);

void permits_close(struct permits *permits);

/*
 * Counts the breaker's permits that other processes hold. With `most`, only as
 * far as limits need it: if most->running is not 0, up to that many running commands;
 * otherwise only trial calls, up to most->trials. Each permit costs two system calls,
 * which take longer the more calls hold one. If there is only one, its pid is given, too.
 */
bool permits_count(const struct permits *permits, const char *name, const struct load *most, struct load *load,
                   struct error *error);

/* Counts them all, and shows each: its pid, or 0 if that is not known, and whether it is a trial call's. */
bool permits_list(const struct permits *permits, const char *name, permits_visitor *visit, void *context,
                  struct load *load, struct error *error);

/* Takes the permit of this process for one call; at most one is held at a time. */
bool permits_take(const struct permits *permits, const char *name, bool trial, struct error *error);

/* Gives back what permits_take() took. */
void permits_release(const struct permits *permits);

/*
 * One of the breaker's permits, or of its trial calls' permits, that other
 * processes hold, as the offset of its byte; -1 if there is none.
 */
int64_t permits_find(const struct permits *permits, const char *name, bool trial);

/*
 * The last byte from start up to end that another process has locked as its
 * own; -1 if there is none, or if that is unknown.
 */
int64_t permits_find_last(const struct permits *permits, int64_t start, int64_t end);

/* Locks a byte, unless another process has; it may be locked already. */
bool permits_lock(const struct permits *permits, int64_t offset);

/* Unlocks all bytes from start up to end. */
void permits_unlock(const struct permits *permits, int64_t start, int64_t end);

/*
 * Blocks until no other process has locked that byte as its own, for at most
 * timeout_us. False, at once, if the kernel cannot do that.
 */
bool permits_await(const struct permits *permits, int64_t offset, int64_t timeout_us);

/* A hash of a breaker's name, or of any other text. */
uint64_t permits_hash(const char *text);

/* After a byte could not be locked: whether another program's lock is why. Then the error is set. */
bool permits_are_foreign(const struct permits *permits, int64_t offset, struct error *error);

/*
 * The store's maintenance lock (byte 0): held while its files are made, set
 * aside or replaced. Waits at most timeout_ms.
 */
bool permits_lock_store(const struct permits *permits, int64_t timeout_ms, struct error *error);
void permits_unlock_store(const struct permits *permits);

#endif
