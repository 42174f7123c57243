/*
 * lock.h: locks on bytes of an open file. They belong to it and not to the
 * process: closing another descriptor of the same file does not drop them, and
 * of two that this process has opened each is a stranger to the other.
 */
#ifndef CBRUN_STORE_LOCAL_LOCK_H
#define CBRUN_STORE_LOCAL_LOCK_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Locks `length` bytes from start on (0: all that follow), as F_RDLCK or F_WRLCK,
 * or unlocks them with F_UNLCK. False with errno EAGAIN or EACCES if another's lock
 * is in the way.
 */
bool lock_set(int fd, short type, int64_t start, int64_t length);

/* The same, but waits until no lock is in the way, or with errno EINTR for a signal. */
bool lock_await(int fd, short type, int64_t start, int64_t length);

/*
 * Looks which lock would be in the way of that one: *found, one of them, or
 * F_UNLCK as its type. l_pid is of use for the locks of a process only. False with errno
 * set where there are no locks.
 */
bool lock_find(int fd, short type, int64_t start, int64_t length, struct flock *found);

#endif
