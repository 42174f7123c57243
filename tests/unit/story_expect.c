/*
 * story_expect.c: what a story can expect of the breaker after a step.
 *
 *   closed, open, half-open   the state at that time
 *   reject, refused           (the answer; see story.c)
 *   trial, plain              the call that runs needs a trial permit, or none
 *   same                      the step changed not one bit
 *   stored=, mode=, reason=   the state as stored, the mode, the reason it is in that state
 *   why=                      the reason given to the call
 *   journal=A,B               the events that the step brought forth: an outcome, or FROM>TO
 *   NAME=NUMBER               one of `fields` or `numbers` below
 */
#include "policies.h"
#include "story.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const reason_names[REASON_KINDS] = {
	[REASON_NONE] = "none",
	[REASON_CONSECUTIVE] = "consecutive",
	[REASON_WITHIN] = "within",
	[REASON_FAILURE_RATE] = "failure-rate",
	[REASON_SLOW_RATE] = "slow-rate",
	[REASON_DEADLINE] = "deadline",
	[REASON_TRIALS_SUCCEEDED] = "trials-succeeded",
	[REASON_TRIALS_FAILED] = "trials-failed",
	[REASON_TRIPPED] = "tripped",
	[REASON_HELD] = "held",
	[REASON_RESET] = "reset",
	[REASON_DISABLED] = "disabled",
	[REASON_ENABLED] = "enabled",
	[REASON_TRIAL_LIMIT] = "trial-limit",
	[REASON_CONCURRENCY_LIMIT] = "concurrency-limit",
	[REASON_HEALTH_CHECK] = "health-check",
	[REASON_RETRY_AFTER] = "retry-after",
	[REASON_NEEDED_OPEN] = "needed-open",
	[REASON_DISABLE_OVER] = "disable-over",
	[REASON_CUSUM] = "cusum",
};

const char *story_reason_name(enum reason_kind kind)
{
	return reason_names[kind];
}

static const char *const mode_names[] = {
	[MODE_NORMAL] = "normal",
	[MODE_HELD] = "held",
	[MODE_DISABLED] = "disabled",
};

static const char *const outcome_words[] = {
	[OUTCOME_SUCCESS] = "ok",
	[OUTCOME_FAILURE] = "fail",
	[OUTCOME_TIMEOUT] = "timeout",
	[OUTCOME_IGNORED] = "ignore",
};

#define FIELD(field) offsetof(struct breaker, field)

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
	{"generation", FIELD(generation)},
	{"streak", FIELD(streak)},
	{"reopenings", FIELD(reopenings)},
	{"trial-successes", FIELD(trial_successes)},
	{"trial-failures", FIELD(trial_failures)},
	{"period", FIELD(open_period_ms)},
	{"successes", FIELD(totals.successes)},
	{"failures", FIELD(totals.failures)},
	{"timeouts", FIELD(totals.timeouts)},
	{"slow", FIELD(totals.slow)},
	{"ignored", FIELD(totals.ignored)},
	{"rejected", FIELD(totals.rejected)},
	{"closings", FIELD(totals.transitions_to[BREAKER_CLOSED])},
	{"openings", FIELD(totals.transitions_to[BREAKER_OPEN])},
	{"half-openings", FIELD(totals.transitions_to[BREAKER_HALF_OPEN])},
	{"latencies", FIELD(latency.count)},
	{"last-exit", FIELD(last_exit)},
	{"incident-exit", FIELD(incident.exit)},
	{"incident-rejected", FIELD(incident.rejected)},
	{"incident-trial-failures", FIELD(incident.trial_failures)},
	{"ignored-streak", FIELD(ignored_streak)},
	{"failures-at-success", FIELD(failures_at_success)},
	{"called", FIELD(cadence.calls)},
	{"pace", FIELD(cadence.mean_ms)},
	{"level", FIELD(cusum.level)},
	{"healthy-micro", FIELD(cusum.calls_micro)},
	{"unhealthy-micro", FIELD(cusum.failures_micro)},
	{"stuck-since", FIELD(stuck_since_ms)},
	{"last-seq", FIELD(last_seq)},
	{"policy-turns", FIELD(policy_turns)},
};

static int64_t clock_of(const struct story *s)
{
	struct moment moment = story_moment(s);
	return breaker_now_ms(&s->b, &moment.at);
}

static int64_t retry(const struct story *s)
{
	return breaker_retry_after_ms(&s->b, clock_of(s));
}

static int64_t reason_a(const struct story *s)
{
	return breaker_reason_at(&s->b, clock_of(s)).a;
}

static int64_t reason_b(const struct story *s)
{
	return breaker_reason_at(&s->b, clock_of(s)).b;
}

static int64_t told_retry(const struct story *s)
{
	return s->admission.retry_after_ms;
}

static int64_t told_a(const struct story *s)
{
	return s->admission.reason.a;
}

static int64_t since(const struct story *s)
{
	struct moment moment = story_moment(s);
	return breaker_since_wall_ms(&s->b, &moment.at) - STORY_WALL_MS;
}

static struct window_counts window_of(const struct story *s)
{
	return window_count(&s->b.window, &s->policy, clock_of(s));
}

static int64_t window_calls(const struct story *s)
{
	return window_of(s).calls;
}

static int64_t window_failures(const struct story *s)
{
	return window_of(s).failures;
}

static int64_t window_slow(const struct story *s)
{
	return window_of(s).slow;
}

static int64_t within(const struct story *s)
{
	return window_failures_within(&s->b.window, &s->policy, clock_of(s));
}

static int64_t trials(const struct story *s)
{
	return story_load(s).trials;
}

static int64_t running(const struct story *s)
{
	return story_load(s).running;
}

static int64_t call_generation(const struct story *s)
{
	return s->admission.generation;
}

/* Since when it is not closed, or has been failing, counted from the beginning of the story; -1 = it is not. */
static int64_t from_beginning(int64_t wall_ms)
{
	return wall_ms != 0 ? wall_ms - STORY_WALL_MS : -1;
}

static int64_t down_since(const struct story *s)
{
	return from_beginning(s->b.incident.since_wall_ms);
}

static int64_t failing_since(const struct story *s)
{
	return from_beginning(s->b.incident.failing_since_wall_ms);
}

static int64_t streak_since(const struct story *s)
{
	return from_beginning(s->b.streak_since_wall_ms);
}

static int64_t enabled_after(const struct story *s)
{
	return breaker_enabled_after_ms(&s->b, clock_of(s));
}

/* Of the last event: how long the breaker had not been closed, and what was rejected meanwhile. */
static int64_t told_incident(const struct story *s)
{
	return s->journal.count > 0 ? s->journal.events[s->journal.count - 1].incident_ms : -1;
}

static int64_t told_rejected(const struct story *s)
{
	return s->journal.count > 0 ? s->journal.events[s->journal.count - 1].incident_rejected : -1;
}

static int64_t needs_load(const struct story *s)
{
	struct moment moment = story_moment(s);
	return breaker_needs_load(&s->b, &s->policy, &moment.at);
}

static const struct {
	const char *name;
	int64_t (*read)(const struct story *s);
} numbers[] = {
	{"retry", retry}, /* milliseconds; -1 = none */
	{"a", reason_a},
	/* the numbers of the reason it is in its state */ {"b", reason_b}, /* so */
	{"told-retry", told_retry},                                         /* by the admission */
	{"told-a", told_a},                   /* the first number of the admission's reason */
	{"since", since},                     /* wall time since the beginning, milliseconds */
	{"window-calls", window_calls},       /* what the caller's policy makes of the window */
	{"window-failures", window_failures}, /* so */
	{"window-slow", window_slow},         /* so */
	{"within", within},                   /* failures */
	{"trials", trials},                   /* permits in use */
	{"running", running},                 /* calls */
	{"call-generation", call_generation}, /* the admission's */
	{"down-since", down_since},
	{"failing-since", failing_since},
	{"streak-since", streak_since},
	{"enabled-after", enabled_after},
	{"told-incident", told_incident},
	{"told-rejected", told_rejected},
	{"needs-load", needs_load},           /* bool: the next admission will ask for it */
};

static bool find_number(const struct story *s, const char *name, int64_t *number)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(fields[i].name, name) != 0)
			continue;
		memcpy(number, (const char *)&s->b + fields[i].offset, sizeof(*number));
		return true;
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(numbers[i].name, name) != 0)
			continue;
		*number = numbers[i].read(s);
		return true;
	}
	return false;
}

/* The journal as `fail,closed>open`. */
static void write_journal(const struct story *s, char *out, size_t size)
{
	size_t used = 0;
	out[0] = '\0';
	for (int i = 0; i < s->journal.count && used < size; i++) {
		const struct event *e = &s->journal.events[i];
		const char *comma = i > 0 ? "," : "";
		int length =
			e->kind == EVENT_CALL
				? snprintf(out + used, size - used, "%s%s", comma, outcome_words[e->outcome])
				: snprintf(out + used, size - used, "%s%s>%s", comma,
		                           breaker_state_name(e->from), breaker_state_name(e->to));
		used += (size_t)length;
	}
}

static bool find_text(const struct story *s, const char *name, char *out, size_t size)
{
	const char *text = NULL;
	if (strcmp(name, "journal") == 0)
		write_journal(s, out, size);
	else if (strcmp(name, "stored") == 0)
		text = breaker_state_name(s->b.state);
	else if (strcmp(name, "mode") == 0)
		text = mode_names[breaker_mode_at(&s->b, clock_of(s))];
	else if (strcmp(name, "reason") == 0)
		text = reason_names[breaker_reason_at(&s->b, clock_of(s)).kind];
	else if (strcmp(name, "why") == 0)
		text = reason_names[s->admission.reason.kind];
	else if (strcmp(name, "incident") == 0)
		text = reason_names[s->b.incident.reason.kind];
	else
		return false;
	if (text != NULL)
		snprintf(out, size, "%s", text);
	return true;
}

static void expect_value(struct story *s, const char *name, const char *want)
{
	char got[STORY_STEP_SIZE];
	int64_t number;
	if (find_number(s, name, &number))
		snprintf(got, sizeof(got), "%" PRId64, number);
	else if (!find_text(s, name, got, sizeof(got)))
		story_fail(s, "nobody knows what \"%s\" is", name);
	else if (strcmp(got, want) == 0)
		return;
	if (strcmp(got, want) != 0)
		story_fail(s, "expected %s=%s, got %s", name, want, got);
}

static bool expect_state(struct story *s, const char *word)
{
	const char *got = breaker_state_name(breaker_state_at(&s->b, clock_of(s)));
	bool known = false;
	for (int i = 0; i < 3; i++)
		known = known || strcmp(word, breaker_state_name((enum breaker_state)i)) == 0;
	if (known && strcmp(word, got) != 0)
		story_fail(s, "expected %s, got %s", word, got);
	return known;
}

void story_expect(struct story *s, const char *word)
{
	char name[STORY_STEP_SIZE];
	size_t length = strcspn(word, "=");
	snprintf(name, sizeof(name), "%.*s", (int)length, word);
	if (word[length] == '=')
		expect_value(s, name, word + length + 1);
	else if (strcmp(word, "trial") == 0 || strcmp(word, "plain") == 0) {
		if (s->admission.trial != (word[0] == 't'))
			story_fail(s, "expected a %s call", word);
	} else if (strcmp(word, "same") == 0) {
		if (memcmp(&s->before, &s->b, sizeof(s->b)) != 0)
			story_fail(s, "expected nothing to change");
	} else if (strcmp(word, "reject") != 0 && strcmp(word, "refused") != 0 && !expect_state(s, word))
		story_fail(s, "nobody knows what \"%s\" is", word);
}

/* Each transition, and nothing else, starts a generation; events are numbered without a gap. */
static void expect_journal(struct story *s)
{
	int transitions = 0;
	struct moment moment = story_moment(s);
	for (int i = 0; i < s->journal.count && i < JOURNAL_SIZE; i++) {
		const struct event *e = &s->journal.events[i];
		transitions += e->kind == EVENT_TRANSITION;
		if (e->seq != s->before.last_seq + 1 + i || e->wall_ms != moment.at.wall_ms)
			story_fail(s, "event %d has a wrong number or time", i);
	}
	if (s->journal.count > JOURNAL_SIZE)
		story_fail(s, "the journal overflows");
	if (s->b.generation != s->before.generation + transitions)
		story_fail(s, "%d transitions, but the generation went from %" PRId64 " to %" PRId64,
		           transitions, s->before.generation, s->b.generation);
	if (s->b.last_seq != s->before.last_seq + s->journal.count)
		story_fail(s, "the last event has a wrong number");
}

/* A rejection is counted apart: it moves the clock, the last caller's policy, and nothing else. */
static void expect_rejection(struct story *s)
{
	if (s->answer != ANSWER_ADMISSION || s->admission.run || s->journal.count > 0)
		return;
	struct breaker want;
	memcpy(&want, &s->before, sizeof(want));
	want.totals.rejected++;
	want.timeline = s->b.timeline;
	want.policy = s->policy;
	want.other_policy = s->b.other_policy;
	want.policy_turns = s->b.policy_turns;
	want.policy_agreed = s->b.policy_agreed;
	want.cadence = s->b.cadence;
	if (s->admission.reason.kind == REASON_CONCURRENCY_LIMIT)
		want.stuck_since_ms = s->b.stuck_since_ms;
	want.incident.rejected += s->b.state != BREAKER_CLOSED;
	if (memcmp(&want, &s->b, sizeof(want)) != 0)
		story_fail(s, "the rejection left a trace beyond its count");
}

void story_expect_always(struct story *s)
{
	expect_journal(s);
	expect_rejection(s);
	if (s->b.timeline.clock_ms < s->before.timeline.clock_ms)
		story_fail(s, "the clock ran backward");
	if (s->journal.count > 0 && s->b.timeline.clock_ms != clock_of(s))
		story_fail(s, "the clock was not kept");
	if (s->answer == ANSWER_ACT && !s->agreed && memcmp(&s->before, &s->b, sizeof(s->b)) != 0)
		story_fail(s, "a refused act changed something");
	if (s->answer == ANSWER_ACT && s->agreed && s->journal.count == 0)
		story_fail(s, "an act left no trace in the journal");
}
