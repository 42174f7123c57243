/*
 * cusum.h: the rule of `--failures auto`: a Bernoulli CUSUM over the calls, as
 * Reynolds and Stoumbos describe it ("A CUSUM chart for monitoring a proportion
 * when inspecting continuously", Journal of Quality Technology 31, 1999), whose
 * in-control parameter p0 is learned, in a fixed amount of memory.
 *
 * The statistic is B = max(0, B + X - 1/m), X being 1 for a failure and 0 for a
 * success; it is kept here in units of 1/m, so it is whole: a failure adds m - 1,
 * a success takes away 1. 1/m is the reference value of the likelihood ratio
 * between p0 and p1, a service of which every other call fails.
 *
 * How far B must go follows from the average run length: how many calls a healthy
 * service makes on average before B is as high as that. The Markov chain
 * of Brook and Evans (Biometrika 59, 1972) is small here and is solved exactly, so
 * no approximation for large thresholds is needed, such as Siegmund's, which is wrong
 * when the threshold is two or three failures.
 *
 * Health is learned from the calls up to which B is back at 0. While it is above,
 * an outage may have begun, and nothing is learned yet.
 */
#ifndef CBRUN_BREAKER_CUSUM_H
#define CBRUN_BREAKER_CUSUM_H

#include <stdbool.h>
#include <stdint.h>

enum {
	CUSUM_MICRO = 1000000,      /* a call */
	CUSUM_MEMORY = 2000,        /* calls that are remembered at most: more, and the older ones fade */
	CUSUM_LEVEL_MAX = 255,      /* more suspicion makes no difference */
	CUSUM_LEAST_FAILURES = 2,   /* one failure is no outage */
};
#define CUSUM_COUNT_MAX  (INT64_C(1) << 40)
#define CUSUM_LENGTH_MAX (INT64_C(1) << 50)

/* Zeroed, it has seen nothing: then the prior counts. */
struct cusum {
	int64_t calls_micro; /* calls of a healthy service, in millionths, since old ones fade; at most CUSUM_MEMORY of them */
	int64_t failures_micro; /* those of them that failed */
	int64_t level;          /* B, in units of 1/m */
	int64_t calls;          /* since B was 0 last: not learned yet */
	int64_t failures;
};

/* Notes how a call ended that was made while the breaker was closed. */
void cusum_add(struct cusum *c, bool failed);

/* The calls since B was 0 last were an outage, or nobody knows: forgets them, and B is 0. */
void cusum_forget(struct cusum *c);

/* They were a false alarm: learns from them, trusts what was learned before half as much, and B is 0. */
void cusum_learn_alarm(struct cusum *c);

/* The probability that a call fails in health: the mean of the posterior (a Beta distribution), in parts per million. */
int64_t cusum_health_ppm(const struct cusum *c);

/*
 * In how many calls a healthy service gets B as high as it is now, once on average,
 * at most CUSUM_LENGTH_MAX; 0 if B is 0. Takes the upper 90 % limit of the posterior for p0, not its
 * mean, so that few calls promise nothing.
 */
int64_t cusum_run_length(const struct cusum *c);

/* The same for any p0 between 0 and 1, m and B; what cusum_run_length() is made of. B is from 1 to CUSUM_LEVEL_MAX. */
double cusum_solve(double p0, int64_t m, int64_t level);

/* The m that belongs to p0. */
int64_t cusum_gain(double p0);

/* Whether it can have come about by the functions above. */
bool cusum_is_sound(const struct cusum *c);

#endif
