/* policy.c: what follows from the numbers alone. */
#include "breaker/policy.h"

#include <string.h>

_Static_assert(sizeof(struct policy) == 19 * sizeof(int64_t), "struct policy has padding, or a new field");

bool policy_equal(const struct policy *a, const struct policy *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

int64_t policy_min_calls(const struct policy *policy)
{
	if (policy->window_kind == WINDOW_CALLS && policy->min_calls > policy->window_size)
		return policy->window_size;
	return policy->min_calls;
}

bool policy_can_open(const struct policy *policy)
{
	bool slow_rule = policy->slow_ms > 0 && policy->slow_rate_ppm > 0;
	return policy->failures != 0 || policy->failure_rate_ppm > 0 || slow_rule;
}

/* open-for * open-factor^k, at most open-max, never less than open-for. */
static double grown_ms(const struct policy *policy, int64_t reopenings)
{
	double period = (double)policy->open_for_ms;
	double cap = (double)policy->open_max_ms;
	double factor = (double)policy->open_factor_milli / (double)POLICY_MILLI;
	if (cap < period)
		cap = period;
	if (policy->open_factor_milli <= POLICY_MILLI)
		return period;
	for (int64_t k = 0; k < reopenings && period < cap; k++)
		period *= factor;
	return period < cap ? period : cap;
}

int64_t policy_open_period_ms(const struct policy *policy, int64_t reopenings, uint32_t chance)
{
	double period = grown_ms(policy, reopenings);
	double share = (double)policy->jitter_ppm / (double)POLICY_PPM * ((double)chance / (double)UINT32_MAX);
	return (int64_t)(period + period * share + 0.5);
}
