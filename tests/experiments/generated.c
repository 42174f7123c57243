/* generated.c: jobs, and their calls. */
#include "generated.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double generated_draw(struct rng *rng)
{
	return (double)(rng_next(rng) >> 11) / 9007199254740992.0;
}

/* Whether the job is one of that part's share; each part has some of all schedules, which differ in what they cost. */
static bool is_in(int number, int part, int parts)
{
	return (number + number / 8) % parts == part;
}

static double draw_normal(struct rng *rng)
{
	return sqrt(-2 * log(1 - generated_draw(rng))) * cos(6.283185307179586 * generated_draw(rng));
}

double generated_outage_ms(const struct job *job, struct rng *rng)
{
	return fmax(7200.0 * S, 5.0 * (double)job->gap_ms) * exp(draw_normal(rng));
}

struct job generated_job(int number)
{
	static const int64_t gaps_s[] = {1, 10, 60, 300, 900, 3600, 21600, 86400};
	static const double baselines[] = {0, 0.001, 0.005, 0.01, 0.03, 0.05, 0.1, 0.2};
	struct rng rng = {.state = (uint64_t)number * 7919 + 1};
	return (struct job){
		.number = number,
		.gap_ms = gaps_s[number % 8] * S,
		.baseline = baselines[number / 8 % 8],
		.bursts = rng_permille(&rng, 200),
		.nights = gaps_s[number % 8] < 21600 && rng_permille(&rng, 250),
	};
}

static bool fails(struct run *r)
{
	const struct job *job = r->job;
	if (r->failing > 0 && (r->failing_until_ms == 0 || r->now_ms < r->failing_until_ms))
		return generated_draw(&r->rng) < r->failing;
	r->in_burst = job->bursts && generated_draw(&r->rng) < (r->in_burst ? 0.5 : 0.002);
	return r->in_burst || generated_draw(&r->rng) < job->baseline;
}

static void wait_for_call(struct run *r)
{
	enum { FROM_H = 8, TO_H = 20, H = 3600 * S };
	r->now_ms += r->job->gap_ms + (int64_t)((generated_draw(&r->rng) - 0.5) * 0.1 * (double)r->job->gap_ms);
	int64_t of_day_ms = r->now_ms % DAY_MS;
	if (r->job->nights && (of_day_ms < FROM_H * H || of_day_ms >= TO_H * H))
		r->now_ms += (FROM_H * H + DAY_MS - of_day_ms) % DAY_MS;
}

static struct moment now(struct run *r)
{
	uint32_t chance = r->policy->jitter_ppm > 0 ? (uint32_t)rng_next(&r->rng) : 0;
	return (struct moment){.at = {.boot_ms = r->now_ms, .wall_ms = r->now_ms, .boot_id = 1}, .chance = chance};
}

void generated_begin(struct run *r, const struct job *job, const struct policy *policy)
{
	memset(r, 0, sizeof(*r));
	r->job = job;
	r->policy = policy;
	r->rng.state = (uint64_t)job->number + 1;
	r->now_ms = YEAR_MS;
	struct moment start = now(r);
	breaker_init(&r->b, policy, &start.at);
}

bool generated_call(struct run *r)
{
	static const struct load idle;
	wait_for_call(r);
	struct moment moment = now(r);
	bool failed = fails(r);
	r->journal.count = 0;
	struct admission a = breaker_admit(&r->b, r->policy, &moment, &idle, &r->journal);
	if (!a.run) {
		r->counts.good_rejected += !failed;
		return false;
	}
	struct call ended = {.generation = a.generation, .outcome = failed ? OUTCOME_FAILURE : OUTCOME_SUCCESS};
	enum breaker_state before = r->b.state;
	breaker_record(&r->b, r->policy, &moment, &ended, &r->journal);
	r->counts.failures_run += failed;
	r->counts.trials_failed += failed && a.trial;
	r->counts.closings += before != BREAKER_CLOSED && r->b.state == BREAKER_CLOSED;
	bool opened = before == BREAKER_CLOSED && r->b.state == BREAKER_OPEN;
	r->counts.incidents += opened;
	return opened;
}

int generated_try(int argc, char **argv, const char *heading, void (*try_job)(const struct job *job))
{
	int count = argc > 1 ? atoi(argv[1]) : 1000;
	int part = argc > 2 ? atoi(argv[2]) : 0;
	int parts = argc > 3 ? atoi(argv[3]) : 1;
	if (part == 0)
		puts(heading);
	for (int number = 0; number < count; number++) {
		struct job job = generated_job(number);
		if (is_in(number, part, parts))
			try_job(&job);
	}
	return 0;
}
