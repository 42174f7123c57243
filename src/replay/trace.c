/* trace.c: from a line to an event. */
#include "replay/trace.h"

#include "base/decimal.h"
#include "base/text.h"
#include "base/units.h"

#include <string.h>

/* The words of a line; NULL where it has no more. */
struct words {
	const char *time;
	const char *event;
	const char *duration;
	const char *extra;
};

static bool malformed(const struct trace *trace, struct error *error, const char *what, const char *word)
{
	return error_set(error, ERROR_USAGE, "%s, line %lld: %s '%s'", trace->name, (long long)trace->line,
	                 what, TEXT_BRIEF(word));
}

bool trace_seconds_ms(const char *text, int64_t *ms)
{
	struct decimal d;
	const char *end = decimal_read(text, &d);
	if (end == NULL || *end != '\0')
		return false;
	if (d.whole >= POLICY_MAX_MS / MS_PER_S)
		*ms = POLICY_MAX_MS;
	else /* a billionth of a second is a nanosecond */
		*ms = d.whole * MS_PER_S + (d.billionths + NS_PER_MS / 2) / NS_PER_MS;
	return true;
}

static bool find_outcome(const char *word, enum outcome *outcome)
{
	static const char *const words[] = {
		[OUTCOME_SUCCESS] = "ok",
		[OUTCOME_FAILURE] = "fail",
		[OUTCOME_TIMEOUT] = "timeout",
		[OUTCOME_IGNORED] = "ignore",
	};
	for (int i = OUTCOME_SUCCESS; i <= OUTCOME_IGNORED; i++)
		if (strcmp(words[i], word) == 0) {
			*outcome = (enum outcome)i;
			return true;
		}
	return false;
}

static bool find_act(const char *word, enum replay_act *act)
{
	for (int i = REPLAY_PEEK; i <= REPLAY_ENABLE; i++)
		if (strcmp(replay_act_name((enum replay_act)i), word) == 0) {
			*act = (enum replay_act)i;
			return true;
		}
	return false;
}

static struct words cut(char *text)
{
	static const char blanks[] = " \t\r\n";
	char *rest;
	struct words words;
	text[strcspn(text, "#")] = '\0';
	words.time = strtok_r(text, blanks, &rest);
	words.event = strtok_r(NULL, blanks, &rest);
	words.duration = strtok_r(NULL, blanks, &rest);
	words.extra = strtok_r(NULL, blanks, &rest);
	return words;
}

static bool read_time(struct trace *trace, const char *word, int64_t *at_ms, struct error *error)
{
	if (!trace_seconds_ms(word, at_ms))
		return malformed(trace, error, "expected a time in seconds, not", word);
	if (*at_ms < trace->last_ms)
		return malformed(trace, error, "this time is before the line above:", word);
	trace->last_ms = *at_ms;
	return true;
}

/* Reads what happens, and how long it takes. */
static bool read_happening(const struct trace *trace, const struct words *words, struct trace_event *event,
                           struct error *error)
{
	if (find_act(words->event, &event->act)) {
		event->kind = TRACE_ACT;
		return words->duration == NULL ||
		       malformed(trace, error, "only calls have a duration, not", words->event);
	}
	if (!find_outcome(words->event, &event->outcome))
		return malformed(
			trace, error,
			"expected ok, fail, timeout, ignore, peek, trip, hold, reset, disable or enable, not",
			words->event);
	event->kind = TRACE_CALL;
	return words->duration == NULL || trace_seconds_ms(words->duration, &event->duration_ms) ||
	       malformed(trace, error, "expected a duration in seconds, not", words->duration);
}

bool trace_read(struct trace *trace, char *text, size_t length, struct trace_event *event,
                struct error *error)
{
	*event = (struct trace_event){.line = ++trace->line};
	if (strlen(text) != length)
		return malformed(trace, error, "a NUL byte behind", text);
	struct words words = cut(text);
	if (words.time == NULL)
		return true;
	if (!read_time(trace, words.time, &event->at_ms, error))
		return false;
	if (words.event == NULL)
		return malformed(trace, error, "expected an event behind", words.time);
	if (words.extra != NULL)
		return malformed(trace, error, "nothing may follow the duration, but here is",
		                 words.extra);
	return read_happening(trace, &words, event, error);
}

bool trace_play(const struct trace_event *event, struct replay *r)
{
	switch (event->kind) {
	case TRACE_NOTHING:
		return true;
	case TRACE_CALL:
		return replay_call(r, event->at_ms, event->line, event->outcome, event->duration_ms);
	case TRACE_ACT:
		replay_act(r, event->at_ms, event->line, event->act);
		return true;
	}
	return true;
}
