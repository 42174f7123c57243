/* cusum.c: the statistic, what is learned of health, and the run length. */
#include "breaker/cusum.h"

#include <math.h>
#include <string.h>

/* Before the first call: as if half a failure had been seen in 20 calls. Wide, since jobs differ. */
static const double prior_failures = 0.5;
static const double prior_calls = 20;

/* Where p0 may lie. A service that fails more often is told from an outage by nothing that a rule could go by. */
static const double p0_min = 0.0001;
static const double p0_max = 1.0 / 3;

static const double upper_90 = 1.28; /* standard deviations */

enum { GAIN_MIN = 2, GAIN_MAX = 16 };

static double mean_of(const struct cusum *c)
{
	return (prior_failures + (double)c->failures_micro / CUSUM_MICRO) /
	       (prior_calls + (double)c->calls_micro / CUSUM_MICRO);
}

static double p0_of(const struct cusum *c)
{
	double mean = mean_of(c);
	double calls = prior_calls + (double)c->calls_micro / CUSUM_MICRO;
	double p0 = mean + upper_90 * sqrt(mean * (1 - mean) / (calls + 1));
	return p0 < p0_min ? p0_min : p0 > p0_max ? p0_max : p0;
}

int64_t cusum_gain(double p0)
{
	/* r1 = -ln((1 - p1) / (1 - p0)) and r2 = ln(p1 (1 - p0) / (p0 (1 - p1))) with p1 = 1/2; 1/m is near r1 / r2 */
	double m = log((1 - p0) / p0) / log(2 * (1 - p0));
	return m < GAIN_MIN ? GAIN_MIN : m > GAIN_MAX ? GAIN_MAX : (int64_t)(m + 0.5);
}

/* Calls of a healthy service. Beyond the memory, all that is in it fades. */
static void learn(struct cusum *c, int64_t calls, int64_t failures)
{
	double most = (double)CUSUM_MEMORY * CUSUM_MICRO;
	double all = (double)c->calls_micro + (double)calls * CUSUM_MICRO;
	double failed = (double)c->failures_micro + (double)failures * CUSUM_MICRO;
	double kept = all > most ? most / all : 1;
	c->calls_micro = (int64_t)(all * kept);
	c->failures_micro = (int64_t)(failed * kept);
	if (c->failures_micro > c->calls_micro)
		c->failures_micro = c->calls_micro;
}

void cusum_forget(struct cusum *c)
{
	c->level = c->calls = c->failures = 0;
}

void cusum_learn_alarm(struct cusum *c)
{
	c->calls_micro /= 2;
	c->failures_micro /= 2;
	learn(c, c->calls, c->failures);
	cusum_forget(c);
}

void cusum_add(struct cusum *c, bool failed)
{
	if (!failed && c->level == 0) {
		learn(c, 1, 0);
		return;
	}
	c->level += failed ? cusum_gain(p0_of(c)) - 1 : -1;
	if (c->level > CUSUM_LEVEL_MAX)
		c->level = CUSUM_LEVEL_MAX;
	if (c->calls < CUSUM_COUNT_MAX) {
		c->calls++;
		c->failures += failed;
	}
	if (c->level > 0)
		return;
	learn(c, c->calls, c->failures);
	cusum_forget(c);
}

int64_t cusum_health_ppm(const struct cusum *c)
{
	return (int64_t)(mean_of(c) * 1e6 + 0.5);
}

/*
 * Let A(i) be how many calls it takes from i to `level`. Then A(i) = 1 + q A(i - 1) + p A(i + m - 1), A(0) = 1 + q A(0) +
 * p A(m - 1), and A is 0 from `level` on. From the top down, each is put as A(i) = plus[i] + keep[i] A(i - 1);
 * lose[i] is 1 - keep[i], worked out for itself, since keep[i] comes as near to 1 as numbers can.
 */
struct chain {
	double plus[CUSUM_LEVEL_MAX + 1];
	double keep[CUSUM_LEVEL_MAX + 1];
	double lose[CUSUM_LEVEL_MAX + 1];
};

/* A(top) = *plus + (1 - *lose) A(bottom), for bottom <= top. */
static void descend(const struct chain *a, int64_t top, int64_t bottom, double *plus, double *lose)
{
	double keep = 1;
	*plus = *lose = 0;
	for (int64_t i = top; i > bottom; i--) {
		*plus += keep * a->plus[i];
		*lose += keep * a->lose[i];
		keep *= a->keep[i];
	}
}

double cusum_solve(double p0, int64_t m, int64_t level)
{
	struct chain a;
	double q = 1 - p0;
	double plus = 0;
	double lose = 1;
	for (int64_t i = level - 1; i >= 0; i--) {
		int64_t top = i + m - 1;
		plus = 0;
		lose = 1; /* from the level on A is 0 */
		if (top < level)
			descend(&a, top, i, &plus, &lose);
		if (i == 0)
			break;
		a.plus[i] = (1 + p0 * plus) / (q + p0 * lose);
		a.keep[i] = q / (q + p0 * lose);
		a.lose[i] = p0 * lose / (q + p0 * lose);
	}
	return (1 + p0 * plus) / (p0 * lose);
}

int64_t cusum_run_length(const struct cusum *c)
{
	double p0 = p0_of(c);
	if (c->level == 0)
		return 0;
	double length = cusum_solve(p0, cusum_gain(p0), c->level);
	return length < (double)CUSUM_LENGTH_MAX ? (int64_t)length : CUSUM_LENGTH_MAX;
}

bool cusum_is_sound(const struct cusum *c)
{
	return c->failures_micro <= c->calls_micro && c->failures <= c->calls && (c->level > 0) == (c->calls > 0) &&
	       (c->level > 0) == (c->failures > 0);
}
