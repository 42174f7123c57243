/*
 * test_every_sequence.c: every sequence of events that a breaker of a small
 * policy can meet, up to some length, with the reference breaker beside it.
 *
 * UNIT_DEPTH in the environment gives another length. Where the two have been in
 * the same state before, with as many events to come, what follows is known.
 */
#include "policies.h"
#include "suites.h"
#include "twins.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 8, DEPTH_MAX = 16, FIRST_SIZE = 1 << 12 };

/* How many sequences of that length begin in that state; 0 = the place is free. */
struct known {
	struct twins_key key;
	int left;
	uint64_t sequences;
};

struct search {
	struct unit *u;
	const char *policy;
	int depth;
	enum twin_event path[DEPTH_MAX];
	struct twins *twins; /* one pair for each event of the path, and one more */
	struct known *known; /* a hash table of `size` places */
	size_t size;
	size_t states; /* each with a number of events to come */
	uint64_t steps;
};

static void *allocate(size_t count, size_t size)
{
	void *array = calloc(count, size);
	if (array == NULL) {
		perror("every sequence");
		exit(EXIT_FAILURE);
	}
	return array;
}

/* The place of that state, or a free one for it. */
static struct known *find(const struct search *s, const struct twins_key *key, int left)
{
	size_t i = (size_t)(key->a + (uint64_t)left * UINT64_C(0x9e3779b97f4a7c15)) & (s->size - 1);
	while (s->known[i].sequences != 0 &&
	       !(s->known[i].key.a == key->a && s->known[i].key.b == key->b && s->known[i].left == left))
		i = (i + 1) & (s->size - 1);
	return &s->known[i];
}

static void grow(struct search *s)
{
	struct known *old = s->known;
	size_t old_size = s->size;
	s->size *= 2;
	s->known = allocate(s->size, sizeof(*s->known));
	for (size_t i = 0; i < old_size; i++)
		if (old[i].sequences != 0)
			*find(s, &old[i].key, old[i].left) = old[i];
	free(old);
}

static void remember(struct search *s, const struct twins_key *key, int left, uint64_t sequences)
{
	if (++s->states * 2 > s->size)
		grow(s);
	*find(s, key, left) = (struct known){*key, left, sequences};
}

static void tell_difference(const struct search *s, const struct twins *t, int events)
{
	char path[512] = "";
	size_t used = 0;
	for (int i = 0; i < events && used < sizeof(path); i++)
		used += (size_t)snprintf(path + used, sizeof(path) - used, " %s",
		                         twin_event_name(s->path[i]));
	unit_fail(s->u, UNIT_HERE, "\"%s\", after%s: %s", s->policy, path, t->said);
}

/* Every sequence of `left` events that begins with the twins of this level. How many there are. */
static uint64_t search(struct search *s, int left)
{
	int level = s->depth - left;
	struct twins_key key;
	uint64_t sequences = 0;
	if (left == 0)
		return 1;
	key = twins_key(&s->twins[level]);
	if (find(s, &key, left)->sequences != 0)
		return find(s, &key, left)->sequences;
	for (int event = 0; event < TWIN_EVENTS && s->u->failures == 0; event++) {
		struct twins *next = &s->twins[level + 1];
		twins_copy(next, &s->twins[level]);
		s->path[level] = (enum twin_event)event;
		if (twins_step(next, (enum twin_event)event)) {
			s->steps++;
			if (next->said[0] != '\0')
				tell_difference(s, next, level + 1);
			else
				sequences += search(s, left - 1);
		}
		twins_free(next);
	}
	remember(s, &key, left, sequences);
	return sequences;
}

/* A time window has many states, so one event less has to do. */
static int depth_of_search(const struct policy *policy)
{
	const char *given = getenv("UNIT_DEPTH");
	int depth = given != NULL ? atoi(given) : 0;
	if (depth >= 1 && depth <= DEPTH_MAX)
		return depth;
	return policy->window_kind == WINDOW_TIME ? DEPTH - 1 : DEPTH;
}

/* All sequences of one policy. */
static void search_policy(struct unit *u, const char *text)
{
	struct policy policy = policy_of(u, text);
	struct search s = {.u = u, .policy = text, .depth = depth_of_search(&policy), .size = FIRST_SIZE};
	s.twins = allocate((size_t)s.depth + 1, sizeof(*s.twins));
	s.known = allocate(s.size, sizeof(*s.known));
	twins_start(&s.twins[0], &policy);
	uint64_t sequences = search(&s, s.depth);
	unit_note(u, "\"%s\": %" PRIu64 " sequences of %d events, %zu states, %" PRIu64 " steps", text,
	          sequences, s.depth, s.states, s.steps);
	twins_free(&s.twins[0]);
	free(s.twins);
	free(s.known);
}

static void every_sequence(struct unit *u)
{
	static const char *const policies[] = {
		"failures=2 failure-rate=0% probes=1 successes=1 open-for=10ms",
		"failures=1 failure-rate=0% probes=2 successes=2 probe-failures=2 open-for=10ms",
		"failures=2 failure-rate=0% probes=3 successes=3 open-for=10ms",
		"failures=2 within=15ms failure-rate=0% probes=1 successes=2 open-for=10ms",
		"failures=0 failure-rate=50% window=3 min-calls=2 probes=1 successes=1 open-for=10ms",
		"failures=3 failure-rate=67% window=3 min-calls=5 probes=1 successes=1 open-for=10ms",
		"failures=0 failure-rate=50% window=90ms min-calls=2 probes=1 successes=1 open-for=10ms",
		"failures=0 failure-rate=0% slow=5ms slow-rate=50% window=2 min-calls=2 probes=1 successes=1 "
		"open-for=10ms",
		"failures=3 failure-rate=100% slow=5ms slow-rate=100% window=10ms min-calls=2 probes=1 "
		"successes=1 open-for=10ms",
		"failures=1 failure-rate=0% open-factor=2x open-max=35ms probes=1 successes=1 open-for=10ms",
		"failures=1 failure-rate=0% open-factor=1.5x open-max=5ms probes=1 successes=1 open-for=10ms",
		"failures=2 failure-rate=0% max-concurrent=1 probes=2 successes=1 open-for=10ms",
		"failures=1 failure-rate=0% shadow=1 probes=1 successes=1 open-for=10ms",
	};
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
		search_policy(u, policies[i]);
}

const struct unit_test every_sequence_tests[] = {
	{"every sequence: breaker and reference agree on all that small policies can meet", every_sequence},
	{NULL, NULL},
};
