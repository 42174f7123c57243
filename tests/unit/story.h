/*
 * story.h: traces of the pure breaker that read like a story.
 *
 *     STORY(u, "failures=2 open-for=1s",
 *           "   0 fail   -> closed streak=1\n"
 *           "   1 fail   -> open retry=1000 reason=consecutive\n"
 *           "1000 ok     -> open reject retry=1\n"
 *           "1001 peek   -> half-open\n");
 *
 * A step is: milliseconds since the beginning, what happens, and after `->`
 * the state that follows and whatever else is expected. Lines and `;`
 * separate steps.
 *
 * What happens:
 *   ok, fail, timeout, ignore [took=MS] [retry-after=MS]
 *                                         a call that is admitted and ends at once
 *   begin X, end X OUTCOME [took=MS]      a longer call, X being a letter; a call may also `vanish X`,
 *                                         that is, lose its cbrun and with it its permit and its outcome
 *   observe OUTCOME [took=MS]             a call that never asked
 *   record OUTCOME [took=MS]              an outcome of the present generation, whoever let it in
 *   trip MS, hold, reset, disable [MS], enable
 *   needs [NAME]                          from here on that breaker is needed and open; nothing: none is
 *   peek                                  nothing
 *   policy SETTING=VALUE...               the next callers bring another policy
 *   chance N                              the random number from now on, 0 to 4294967295
 *   wall MS                               the wall clock is stepped by so much
 *   reboot                                the machine starts again; its wall clock goes on
 *
 * What is expected, see story_expect.c: a state, `reject` of a call that
 * would else be expected to run, `trial` or `plain` of one that runs,
 * `refused` of an act that does nothing, `same` of a breaker that no bit
 * changed in, and NAME=VALUE for the rest. After each step the story also
 * checks what always holds of generation, journal, clock, totals and refusals.
 */
#ifndef CBRUN_UNIT_STORY_H
#define CBRUN_UNIT_STORY_H

#include "breaker/breaker.h"
#include "unit.h"

enum { STORY_STEP_SIZE = 256, STORY_CALLS = 26 };

/* The wall time at the beginning of a story: 2020-01-01. */
#define STORY_WALL_MS INT64_C(1577836800000)

/* What kind of answer the last step gave. */
enum story_answer { ANSWER_NONE, ANSWER_ADMISSION, ANSWER_ACT };

struct story {
	struct unit *u;
	struct unit_place place;
	char step[STORY_STEP_SIZE]; /* the step being told */
	struct policy policy;       /* of the next caller */
	struct breaker b;
	struct breaker before; /* the step */
	struct journal journal;
	enum story_answer answer;
	struct admission admission;
	bool agreed; /* what the act returned */
	/* the machine */
	int64_t now_ms; /* since the beginning */
	int64_t booted_ms;
	int64_t wall_shift_ms;
	uint64_t boot_id;
	uint32_t chance;
	char needed[32]; /* a breaker that is needed and open; "" = none */
	struct {
		bool running;
		struct admission admission;
	} calls[STORY_CALLS];
};

/* Tells one story from its beginning. */
void story_tell(struct unit *u, struct unit_place place, const char *policy, const char *text);

/* Tells `text`, and then each line of `endings` from that same point. */
void story_tell_endings(struct unit *u, struct unit_place place, const char *policy,
                        const char *const parts[2]);

#define STORY(u, policy, text) story_tell(u, UNIT_HERE, policy, text)
#define STORY_ENDINGS(u, policy, text, endings)                                                              \
	story_tell_endings(u, UNIT_HERE, policy, (const char *const[2]){text, endings})

/* For those who tell a story by hand: begin one, tell some steps, look at `b`. */
void story_begin(struct story *s, struct unit *u, struct unit_place place, const char *policy);
void story_go_on(struct story *s, const char *text);

/* What the clocks show, and the running calls, at this point of the story. */
struct moment story_moment(const struct story *s);
struct load story_load(const struct story *s);

/* Makes the test fail, quoting the step. */
void story_fail(struct story *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Checks one word after the `->`. */
void story_expect(struct story *s, const char *word);

/* How stories, and the traces of tests/traces, call a reason: "consecutive", "failure-rate"... */
const char *story_reason_name(enum reason_kind kind);

/* Checks what holds after any step. */
void story_expect_always(struct story *s);

#endif
