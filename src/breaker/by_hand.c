/* by_hand.c: the operator's acts. */
#include "breaker/passage.h"

static struct reason by_hand(const struct reason *why, enum reason_kind kind, int64_t number)
{
	struct reason reason = *why;
	reason.kind = kind;
	reason.a = number;
	reason.b = reason.c = 0;
	return reason;
}

bool breaker_trip(struct breaker *b, int64_t period_ms, const struct moment *moment, const struct reason *why,
                  struct journal *journal)
{
	struct step s = passage_begin(b, &b->policy, moment, journal);
	if (breaker_mode_at(b, s.now_ms) != MODE_NORMAL)
		return false;
	passage_settle(&s);
	/* any state, tripped by hand -> OPEN for that long, without growth */
	struct reason reason = by_hand(why, REASON_TRIPPED, period_ms);
	passage_open(&s, period_ms, &reason);
	return true;
}

bool breaker_hold(struct breaker *b, const struct moment *moment, const struct reason *why,
                  struct journal *journal)
{
	struct step s = passage_begin(b, &b->policy, moment, journal);
	if (breaker_mode_at(b, s.now_ms) == MODE_DISABLED)
		return false;
	passage_settle(&s);
	/* any state, held by hand -> OPEN until reset */
	struct reason reason = by_hand(why, REASON_HELD, 0);
	b->mode = MODE_HELD;
	passage_open(&s, 0, &reason);
	return true;
}

bool breaker_reset(struct breaker *b, const struct moment *moment, const struct reason *why,
                   struct journal *journal)
{
	struct step s = passage_begin(b, &b->policy, moment, journal);
	passage_settle(&s);
	/* any state, reset by hand -> CLOSED; a disabled breaker stays disabled */
	struct reason reason = by_hand(why, REASON_RESET, 0);
	struct reason disabled = b->reason;
	if (b->mode == MODE_HELD)
		b->mode = MODE_NORMAL;
	passage_close(&s, &reason);
	if (b->mode == MODE_DISABLED)
		b->reason = disabled;
	return true;
}

bool breaker_disable(struct breaker *b, int64_t period_ms, const struct moment *moment, const struct reason *why,
                     struct journal *journal)
{
	struct step s = passage_begin(b, &b->policy, moment, journal);
	passage_settle(&s);
	/* any state, disabled by hand -> CLOSED, and nothing opens it */
	struct reason reason = by_hand(why, REASON_DISABLED, period_ms);
	b->mode = MODE_DISABLED;
	b->disabled_for_ms = period_ms;
	b->disabled_until_ms = period_ms > 0 ? s.now_ms + period_ms : 0;
	passage_close(&s, &reason);
	return true;
}

bool breaker_enable(struct breaker *b, const struct moment *moment, const struct reason *why,
                    struct journal *journal)
{
	struct step s = passage_begin(b, &b->policy, moment, journal);
	if (breaker_mode_at(b, s.now_ms) != MODE_DISABLED)
		return false;
	/* disabled, enabled by hand -> CLOSED, afresh */
	struct reason reason = by_hand(why, REASON_ENABLED, 0);
	b->mode = MODE_NORMAL;
	b->disabled_until_ms = b->disabled_for_ms = 0;
	passage_close(&s, &reason);
	return true;
}
