/*
 * passage.h: a step of a breaker, and its passages from state to state; for the
 * files of this directory. Above each call stands the rule that asks for the
 * passage.
 */
#ifndef CBRUN_BREAKER_PASSAGE_H
#define CBRUN_BREAKER_PASSAGE_H

#include "breaker/breaker.h"

/* One step of a breaker: everything that the rules below need to know of it. */
struct step {
	struct breaker *b;
	const struct policy *policy;
	const struct moment *moment;
	int64_t now_ms;
	struct journal *journal;
};

struct step passage_begin(struct breaker *b, const struct policy *policy, const struct moment *moment,
                          struct journal *journal);

/* Every step that changes the breaker leaves its clock and its policy up to date. */
void passage_touch(const struct step *s);

/* Sets a reason of the breaker's own, without text. */
void passage_set_reason(struct reason *reason, enum reason_kind kind, int64_t number);

/* A new event of the history, with what all have in common. */
struct event *passage_append(const struct step *s, enum event_kind kind);

/* any state -> OPEN for that long */
void passage_open(const struct step *s, int64_t period_ms, const struct reason *reason);

/* any state -> CLOSED, which clears the window, the streaks and the growth of the open period */
void passage_close(const struct step *s, const struct reason *reason);

/* disabled, and the time for that has passed -> CLOSED, afresh */
void passage_settle_mode(const struct step *s);

/*
 * What time alone brings about: the above, and OPEN, deadline passed -> HALF_OPEN;
 * it counts from the deadline, no matter who notices it when.
 */
void passage_settle(const struct step *s);

#endif
