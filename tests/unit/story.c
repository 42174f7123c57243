/* story.c: telling a story step by step. */
#include "story.h"
#include "policies.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 32, BOOT_BEGIN_MS = 5000000, BOOT_AGAIN_MS = 1000, US_PER_MS = 1000 };

/* The words of a step; `next` is the first that nobody has taken yet. */
struct words {
	int count;
	int next;
	char *word[WORDS_MAX];
	char text[STORY_STEP_SIZE];
};

void story_fail(struct story *s, const char *format, ...)
{
	char why[STORY_STEP_SIZE * 2];
	va_list args;
	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	unit_fail(s->u, s->place, "step \"%s\": %s", s->step, why);
}

static void split(struct words *w, const char *text)
{
	memset(w, 0, sizeof(*w));
	snprintf(w->text, sizeof(w->text), "%s", text);
	char *rest = NULL;
	for (char *word = strtok_r(w->text, " \t", &rest); word != NULL; word = strtok_r(NULL, " \t", &rest))
		if (w->count < WORDS_MAX)
			w->word[w->count++] = word;
}

/* The next word, or "" at the arrow and at the end. */
static const char *take(struct words *w)
{
	if (w->next >= w->count || strcmp(w->word[w->next], "->") == 0)
		return "";
	return w->word[w->next++];
}

static bool has_word(const struct words *w, const char *word)
{
	for (int i = 0; i < w->count; i++)
		if (strcmp(w->word[i], word) == 0)
			return true;
	return false;
}

struct moment story_moment(const struct story *s)
{
	struct moment moment = {.chance = s->chance};
	moment.at.boot_ms = s->now_ms - s->booted_ms + (s->boot_id == 1 ? BOOT_BEGIN_MS : BOOT_AGAIN_MS);
	moment.at.wall_ms = STORY_WALL_MS + s->now_ms + s->wall_shift_ms;
	moment.at.boot_id = s->boot_id;
	return moment;
}

struct load story_load(const struct story *s)
{
	struct load load = {0};
	if (s->needed[0] != '\0') {
		load.needed_open = s->needed;
		load.needed_retry_ms = 1000;
	}
	for (int i = 0; i < STORY_CALLS; i++) {
		load.running += s->calls[i].running;
		load.trials += s->calls[i].running && s->calls[i].admission.trial;
	}
	return load;
}

/* `ok`, `fail`, `timeout` or `ignore`, then perhaps `took=MS`. */
static struct call read_call(struct story *s, struct words *w)
{
	static const char *const names[] = {"ok", "fail", "timeout", "ignore"};
	static const int64_t exits[] = {0, 1, 124, 127};
	struct call call = {.exit = -1};
	const char *word = take(w);
	for (int i = 0; i < 4; i++) {
		if (strcmp(word, names[i]) != 0)
			continue;
		call.outcome = (enum outcome)i;
		call.exit = exits[i];
	}
	if (call.exit == -1)
		story_fail(s, "no such outcome: \"%s\"", word);
	if (w->next < w->count && strncmp(w->word[w->next], "took=", 5) == 0)
		call.duration_us = (int64_t)(strtod(take(w) + 5, NULL) * (double)US_PER_MS + 0.5);
	if (w->next < w->count && strncmp(w->word[w->next], "retry-after=", 12) == 0)
		call.retry_after_ms = strtoll(take(w) + 12, NULL, 10);
	return call;
}

static void admit(struct story *s)
{
	struct moment moment = story_moment(s);
	struct load load = story_load(s);
	s->admission = breaker_admit(&s->b, &s->policy, &moment, &load, &s->journal);
	s->answer = ANSWER_ADMISSION;
	if (s->admission.changed != (memcmp(&s->before, &s->b, sizeof(s->b)) != 0))
		story_fail(s, "the admission is wrong about whether it changed the breaker");
}

static void record(struct story *s, struct call call, int64_t generation)
{
	struct moment moment = story_moment(s);
	call.generation = generation;
	breaker_record(&s->b, &s->policy, &moment, &call, &s->journal);
}

static void do_call(struct story *s, struct words *w)
{
	struct call call = read_call(s, w);
	admit(s);
	if (s->admission.run)
		record(s, call, s->admission.generation);
}

static int letter(struct story *s, struct words *w)
{
	const char *word = take(w);
	if (word[0] >= 'a' && word[0] <= 'z' && word[1] == '\0')
		return word[0] - 'a';
	story_fail(s, "no letter of a call: \"%s\"", word);
	return 0;
}

static void do_begin(struct story *s, struct words *w)
{
	int i = letter(s, w);
	admit(s);
	s->calls[i].running = s->admission.run;
	s->calls[i].admission = s->admission;
}

static void do_vanish(struct story *s, struct words *w)
{
	int i = letter(s, w);
	if (!s->calls[i].running)
		story_fail(s, "no such call is running");
	s->calls[i].running = false;
}

static void do_end(struct story *s, struct words *w)
{
	do_vanish(s, w);
	int i = w->word[w->next - 1][0] - 'a';
	record(s, read_call(s, w), s->calls[i].admission.generation);
}

static void do_record(struct story *s, struct words *w)
{
	record(s, read_call(s, w), s->b.generation);
}

static void do_observe(struct story *s, struct words *w)
{
	struct moment moment = story_moment(s);
	struct call call = read_call(s, w);
	breaker_observe(&s->b, &s->policy, &moment, &call, &s->journal);
}

static const struct reason why = {.kind = REASON_TRIAL_LIMIT, .a = 7, .b = 7, .text = "lunch", .by = "ann"};

static void do_trip(struct story *s, struct words *w)
{
	struct moment moment = story_moment(s);
	int64_t period_ms = strtoll(take(w), NULL, 10);
	s->agreed = breaker_trip(&s->b, period_ms, &moment, &why, &s->journal);
	s->answer = ANSWER_ACT;
}

static void do_disable(struct story *s, struct words *w)
{
	struct moment moment = story_moment(s);
	int64_t period_ms = strtoll(take(w), NULL, 10); /* nothing is 0 */
	s->agreed = breaker_disable(&s->b, period_ms, &moment, &why, &s->journal);
	s->answer = ANSWER_ACT;
}

/* `needs NAME`: from here on that breaker is needed and open, for another second; `needs` alone: none is. */
static void do_needs(struct story *s, struct words *w)
{
	snprintf(s->needed, sizeof(s->needed), "%s", take(w));
}

static void do_act(struct story *s, struct words *w)
{
	static const struct {
		const char *name;
		bool (*act)(struct breaker *b, const struct moment *moment, const struct reason *why,
		            struct journal *journal);
	} acts[] = {
		{"hold", breaker_hold},
		{"reset", breaker_reset},
		{"enable", breaker_enable},
	};
	struct moment moment = story_moment(s);
	s->answer = ANSWER_ACT;
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].name, w->word[w->next - 1]) == 0)
			s->agreed = acts[i].act(&s->b, &moment, &why, &s->journal);
}

static void do_peek(struct story *s, struct words *w)
{
	(void)s;
	(void)w;
}

static void do_policy(struct story *s, struct words *w)
{
	for (const char *word = take(w); *word != '\0'; word = take(w))
		if (!policy_set(&s->policy, word))
			story_fail(s, "no such setting: \"%s\"", word);
}

static void do_chance(struct story *s, struct words *w)
{
	s->chance = (uint32_t)strtoul(take(w), NULL, 10);
}

static void do_wall(struct story *s, struct words *w)
{
	s->wall_shift_ms += strtoll(take(w), NULL, 10);
}

static void do_reboot(struct story *s, struct words *w)
{
	(void)w;
	s->boot_id++;
	s->booted_ms = s->now_ms;
}

static const struct {
	const char *name;
	void (*act)(struct story *s, struct words *w);
	bool whole; /* the verb itself is an outcome, to be read again */
} verbs[] = {
	{"ok", do_call, true},        {"fail", do_call, true},        {"timeout", do_call, true},
	{"ignore", do_call, true},    {"begin", do_begin, false},     {"end", do_end, false},
	{"vanish", do_vanish, false}, {"observe", do_observe, false}, {"record", do_record, false},
	{"trip", do_trip, false},     {"hold", do_act, false},        {"reset", do_act, false},
	{"disable", do_disable, false}, {"enable", do_act, false},      {"peek", do_peek, false},
	{"policy", do_policy, false}, {"chance", do_chance, false},   {"wall", do_wall, false},
	{"reboot", do_reboot, false}, {"needs", do_needs, false},
};

static void act(struct story *s, struct words *w)
{
	const char *verb = take(w);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, verb) != 0)
			continue;
		w->next -= verbs[i].whole;
		verbs[i].act(s, w);
		return;
	}
	story_fail(s, "no such event: \"%s\"", verb);
}

/* What a step answers unless it says otherwise: calls run, acts are done. */
static void expect_answer(struct story *s, const struct words *w)
{
	bool run = !has_word(w, "reject");
	if (s->answer == ANSWER_ADMISSION && s->admission.run != run)
		story_fail(s, "expected the call to %s, it was %s", run ? "run" : "be rejected",
		           run ? "rejected" : "let in");
	bool agreed = !has_word(w, "refused");
	if (s->answer == ANSWER_ACT && s->agreed != agreed)
		story_fail(s, "expected the act to be %s", agreed ? "done" : "refused");
	if (!run && s->answer != ANSWER_ADMISSION)
		story_fail(s, "nobody was there to be rejected");
	if (!agreed && s->answer != ANSWER_ACT)
		story_fail(s, "nobody was there to be refused");
}

static void tell_step(struct story *s, const char *text)
{
	struct words w;
	snprintf(s->step, sizeof(s->step), "%s", text);
	split(&w, text);
	if (w.count == 0)
		return;
	memcpy(&s->before, &s->b, sizeof(s->b));
	memset(&s->journal, 0, sizeof(s->journal));
	s->answer = ANSWER_NONE;
	s->now_ms = strtoll(take(&w), NULL, 10);
	act(s, &w);
	if (w.next < w.count && strcmp(w.word[w.next], "->") != 0)
		story_fail(s, "what is \"%s\"?", w.word[w.next]);
	expect_answer(s, &w);
	for (int i = w.next + 1; i < w.count; i++)
		story_expect(s, w.word[i]);
	story_expect_always(s);
}

/* Copies the text up to one of `ends` to `out`, without the spaces before; returns what follows. */
static const char *cut(const char *text, const char *ends, char *out, size_t size)
{
	text += strspn(text, " \t");
	size_t length = strcspn(text, ends);
	snprintf(out, size, "%.*s", (int)length, text);
	return text[length] == '\0' ? text + length : text + length + 1;
}

void story_begin(struct story *s, struct unit *u, struct unit_place place, const char *policy)
{
	memset(s, 0, sizeof(*s));
	s->u = u;
	s->place = place;
	s->policy = policy_of(u, policy);
	s->boot_id = 1;
	struct moment moment = story_moment(s);
	breaker_init(&s->b, &s->policy, &moment.at);
}

void story_go_on(struct story *s, const char *text)
{
	char step[STORY_STEP_SIZE];
	while (*text != '\0') {
		text = cut(text, ";\n", step, sizeof(step));
		tell_step(s, step);
	}
}

void story_tell(struct unit *u, struct unit_place place, const char *policy, const char *text)
{
	struct story s;
	story_begin(&s, u, place, policy);
	story_go_on(&s, text);
}

void story_tell_endings(struct unit *u, struct unit_place place, const char *policy,
                        const char *const parts[2])
{
	struct story s;
	story_begin(&s, u, place, policy);
	story_go_on(&s, parts[0]);
	char ending[STORY_STEP_SIZE * 2];
	for (const char *rest = parts[1]; *rest != '\0';) {
		struct story copy = s;
		rest = cut(rest, "\n", ending, sizeof(ending));
		story_go_on(&copy, ending);
	}
}
