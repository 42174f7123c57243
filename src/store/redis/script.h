/*
 * script.h: the scripts that a server runs for us, each completely or not at all.
 * They compare and set; they do not decide what becomes of a breaker.
 */
#ifndef CBRUN_STORE_REDIS_SCRIPT_H
#define CBRUN_STORE_REDIS_SCRIPT_H

struct script {
	const char *text;
};

/*
 * A step of a breaker. What the server has is compared with what the step saw;
 * if it is the same, the step's act is done.
 *
 *   keys       those of keys.h, in their order
 *   arguments  act: load, permit, keep or remove
 *              the version that was seen; "" = there was no breaker
 *              the token of the caller's permit, or of the one that it wants
 *              whether that was held: 0 or 1
 *              the running commands that were seen; the number from which on more of them matter, 0 = never
 *              the same for trial calls
 *              permit: "", call, trial, or release
 *              how long a permit lasts, in milliseconds
 *   and for keep: the new version; the breaker's id and record; the host; how many events are kept;
 *              then for each event its number and the event
 *   answer     whether it was done, the time in seconds and microseconds, version, id, record,
 *              running commands, trial calls, whether the caller's permit is held, and the token of the only
 *              one that runs
 */
extern const struct script script_step;

/* Renews a permit: the keys of running and trial calls; its token, how long it lasts. Answers 1, or 0 if it is lost. */
extern const struct script script_renew;

/* Gives one back: the same keys, and its token. */
extern const struct script script_release;

/*
 * Renames a breaker: breaker and events, those of the new name; the version that was seen. Answers 1; 0 if the version
 * is another; 2 if the new name is taken.
 */
extern const struct script script_rename;

#endif
