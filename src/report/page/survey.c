/* survey.c: the breakers of a survey, and their order. */
#include "report/page/survey.h"

#include "report/page/incidents.h"
#include "report/reason.h"

#include <stdlib.h>
#include <string.h>

struct survey_breaker *survey_breaker_at(const struct survey *s, size_t number)
{
	return (struct survey_breaker *)s->breakers.items + number;
}

enum survey_state survey_state_of(enum breaker_state state)
{
	switch (state) {
	case BREAKER_CLOSED:
		return SURVEY_CLOSED;
	case BREAKER_OPEN:
		return SURVEY_OPEN;
	case BREAKER_HALF_OPEN:
		return SURVEY_HALF_OPEN;
	}
	return SURVEY_UNKNOWN;
}

static bool set_words(struct survey_breaker *sb, const struct breaker *b, int64_t now_ms)
{
	const char *mode = reason_mode_name(b, now_ms);
	struct reason reason = breaker_reason_at(b, now_ms);
	if (strcmp(mode, "normal") != 0 && (sb->mode = strdup(mode)) == NULL)
		return false;
	if (sb->state != SURVEY_CLOSED && (sb->reason = incidents_words(&reason)) == NULL)
		return false;
	if (b->incident.since_wall_ms == 0)
		return true;
	sb->incident = malloc(sizeof(*sb->incident));
	if (sb->incident != NULL)
		*sb->incident = b->incident;
	return sb->incident != NULL;
}

bool survey_add(struct survey *s, const char *name, const struct breaker *b, const struct instant *at)
{
	int64_t now_ms = breaker_now_ms(b, at);
	struct survey_breaker *sb = array_append(&s->breakers, sizeof(*sb));
	if (sb == NULL)
		return false;
	*sb = (struct survey_breaker){.since_ms = breaker_since_wall_ms(b, at), .last_seq = b->last_seq};
	sb->state = breaker_mode_at(b, now_ms) == MODE_DISABLED ? SURVEY_DISABLED
	                                                        : survey_state_of(breaker_state_at(b, now_ms));
	sb->name = strdup(name);
	sb->bins = calloc(SURVEY_BINS, sizeof(*sb->bins));
	sb->down = breaker_is_down(b, now_ms);
	sb->shadow = b->policy.shadow != 0;
	s->down += sb->down;
	return sb->name != NULL && sb->bins != NULL && set_words(sb, b, now_ms);
}

/* The worse comes first: what is down now, what was down longest, what failed most; then by name. */
static int compare(const void *left, const void *right)
{
	const struct survey_breaker *a = *(struct survey_breaker *const *)left;
	const struct survey_breaker *b = *(struct survey_breaker *const *)right;
	int down_a = a->down ? (int)a->state : 0;
	int down_b = b->down ? (int)b->state : 0;
	if (down_a != down_b)
		return down_b - down_a;
	int64_t down_ms_a = a->shadow ? 0 : a->down_ms;
	int64_t down_ms_b = b->shadow ? 0 : b->down_ms;
	if (down_ms_a != down_ms_b)
		return down_ms_a > down_ms_b ? -1 : 1;
	if (a->failures != b->failures)
		return a->failures > b->failures ? -1 : 1;
	return strcmp(a->name, b->name);
}

bool survey_settle(struct survey *s)
{
	s->order = calloc(s->breakers.count + 1, sizeof(*s->order));
	if (s->order == NULL)
		return false;
	for (size_t i = 0; i < s->breakers.count; i++)
		s->order[i] = survey_breaker_at(s, i);
	if (s->breakers.count > 1)
		qsort(s->order, s->breakers.count, sizeof(*s->order), compare);
	incidents_settle(s);
	return true;
}

void survey_free(struct survey *s)
{
	for (size_t i = 0; i < s->breakers.count; i++) {
		struct survey_breaker *sb = survey_breaker_at(s, i);
		free(sb->name);
		free(sb->mode);
		free(sb->reason);
		free(sb->incident);
		free(sb->bins);
	}
	array_free(&s->breakers);
	incidents_free(s);
	free(s->order);
	s->order = NULL;
}
