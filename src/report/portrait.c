/* portrait.c: a line for each thing that there is to know. */
#include "report/portrait.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "report/event.h"
#include "report/fold.h"
#include "report/reason.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { SIGN = 2, LABEL = 10, MARGIN = LABEL + 2, LINE = 80, LEAST = 40, CELLS_MOST = 96, HOUR_MS = 3600 * MS_PER_S };

/* --- collecting --- */

bool past_add(struct past *past, const struct event *event)
{
	if (past->event_count == 0)
		past->known_ms = event->wall_ms;
	past->events[past->event_count++ % PORTRAIT_EVENTS] = *event;
	past->last_seq = event->seq;
	if (event->kind != EVENT_TRANSITION)
		return true;
	struct sketch_change *change = array_append(&past->changes, sizeof(*change));
	if (change == NULL)
		return false;
	*change = (struct sketch_change){event->wall_ms, event->from, event->to};
	return true;
}

void past_free(struct past *past)
{
	array_free(&past->changes);
}

void portrait_add_call(struct portrait *p, const struct portrait_call *call)
{
	size_t i = p->call_count;
	if (i == PORTRAIT_CALLS)
		return;
	for (; i > 0 && p->calls[i - 1].age_ms < call->age_ms; i--) /* the oldest first */
		p->calls[i] = p->calls[i - 1];
	p->calls[i] = *call;
	p->call_count++;
}

/* --- printing --- */

static void label(FILE *out, const char *text)
{
	fprintf(out, "%*s: ", LABEL, text);
}

static size_t width_of(const struct style *style)
{
	return style->width >= LEAST ? style->width : LINE;
}

/* Items with commas between, on as many lines as they need. */
struct wrapping {
	FILE *out;
	size_t width;
	size_t column;
	bool bare; /* nothing stands there yet that a comma would part */
};

static struct wrapping begin(FILE *out, const char *text, const struct style *style)
{
	label(out, text);
	return (struct wrapping){.out = out, .width = width_of(style), .column = MARGIN, .bare = true};
}

static void add_item(struct wrapping *w, const char *item)
{
	size_t columns = text_columns(item);
	if (!w->bare && w->column + sizeof(", ") + columns > w->width) {
		fprintf(w->out, ",\n%*s", MARGIN, "");
		w->column = MARGIN;
		w->bare = true;
	}
	fputs(w->bare ? "" : ", ", w->out);
	w->column += w->bare ? 0 : sizeof(", ") - 1;
	w->column = fold_print(w->out, item, w->column, &(struct fold){w->width, MARGIN});
	w->bare = false;
}

__attribute__((format(printf, 2, 3))) static void add(struct wrapping *w, const char *format, ...)
{
	char item[SNAPSHOT_TEXT_SIZE];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(item, sizeof(item), format, arguments);
	va_end(arguments);
	add_item(w, item);
}

/* Adds what has commas between already. */
static void add_items(struct wrapping *w, const char *list)
{
	while (*list != '\0') {
		const char *end = strstr(list, ", ");
		int length = end != NULL ? (int)(end - list) : (int)strlen(list);
		add(w, "%.*s", length, list);
		list += length + (end != NULL ? 2 : 0);
	}
}

static void finish(const struct wrapping *w)
{
	fputc('\n', w->out);
}

static void print_head(FILE *out, const struct portrait *p, int64_t now_ms, const struct style *style)
{
	const struct breaker *b = &p->s.breaker;
	char name[SNAPSHOT_TEXT_SIZE];
	char state[TEXT_VALUE_SIZE];
	char why[SNAPSHOT_TEXT_SIZE];
	struct standing standing = standing_of(b, &p->s.at);
	const char *mode = reason_mode_name(b, now_ms);
	const char *colour =
		style->colour ? (standing.rank == 3 ? STYLE_YELLOW : snapshot_colour(&standing)) : "";
	const char *end = style->colour ? STYLE_END : "";
	bool plain = strcmp(mode, "normal") == 0;
	snapshot_format_why(&p->s, false, why);
	fprintf(out, "%s%s%s ", colour, sketch_sign(standing.rank, style), end);
	fold_print(out, text_escape(p->s.name, name, sizeof(name)), SIGN, &(struct fold){width_of(style), SIGN});
	fputc('\n', out);
	snprintf(state, sizeof(state), "%s%s%s", breaker_state_name(standing.state), plain ? "" : ", ",
	         plain ? "" : mode);
	label(out, "State");
	fprintf(out, "%s%s%s%s", colour, state, end, why[0] != '\0' ? ": " : "");
	fold_print(out, why, MARGIN + strlen(state) + sizeof(": ") - 1, &(struct fold){width_of(style), MARGIN});
	fputc('\n', out);
}

/* With seconds, if it is less than an hour away. */
static void format_time(int64_t wall_ms, int64_t now_wall_ms, char text[CLOCK_TEXT_SIZE])
{
	enum { DAY = sizeof("2026-01-31 ") - 1, TIME = sizeof("12:00:00") - 1 };
	char local[CLOCK_TEXT_SIZE];
	int64_t distance_ms = wall_ms > now_wall_ms ? wall_ms - now_wall_ms : now_wall_ms - wall_ms;
	clock_format_brief(wall_ms, now_wall_ms, text);
	if (distance_ms >= HOUR_MS)
		return;
	clock_format_local(wall_ms, local);
	snprintf(text, CLOCK_TEXT_SIZE, "%.*s", TIME, local + DAY);
}

/* "failing since Sat 02:14 (1h30m ago)" */
static void add_time(struct wrapping *w, const char *before, int64_t wall_ms, int64_t now_wall_ms)
{
	char at[CLOCK_TEXT_SIZE];
	char age[TEXT_VALUE_SIZE];
	if (wall_ms <= 0)
		return;
	format_time(wall_ms, now_wall_ms, at);
	text_span((now_wall_ms - wall_ms) / MS_PER_S * MS_PER_S, age);
	add(w, "%s%s (%s ago)", before, at, age);
}

static void print_since(FILE *out, const struct portrait *p, const struct style *style)
{
	const struct breaker *b = &p->s.breaker;
	int64_t wall_ms = p->s.at.wall_ms;
	bool down = b->state != BREAKER_CLOSED;
	struct wrapping w = begin(out, down ? "Down since" : "Since", style);
	add_time(&w, "", down ? b->incident.since_wall_ms : breaker_since_wall_ms(b, &p->s.at), wall_ms);
	if (down)
		add_time(&w, "failing since ", b->incident.failing_since_wall_ms, wall_ms);
	if (down && b->incident.rejected > 0)
		add(&w, "%lld rejected", (long long)b->incident.rejected);
	finish(&w);
}

static void print_next(FILE *out, const struct portrait *p, int64_t now_ms, const struct style *style)
{
	const struct breaker *b = &p->s.breaker;
	char name[SNAPSHOT_TEXT_SIZE];
	char wait[TEXT_VALUE_SIZE];
	char at[CLOCK_TEXT_SIZE];
	int64_t retry_ms = breaker_retry_after_ms(b, now_ms);
	if (breaker_state_at(b, now_ms) == BREAKER_CLOSED)
		return;
	struct wrapping w = begin(out, "Next", style);
	text_escape(p->s.name, name, sizeof(name));
	if (breaker_mode_at(b, now_ms) == MODE_HELD) {
		add(&w, "it stays so until: cbrun reset %s", name);
	} else if (retry_ms < 0) {
		add(&w, "trial calls may run");
		add(&w, "%lld of %lld have succeeded", (long long)b->trial_successes,
		    (long long)b->policy.successes);
	} else {
		text_wait(retry_ms, wait);
		format_time(p->s.at.wall_ms + retry_ms, p->s.at.wall_ms, at);
		add(&w, "a trial call may run in %s (%s)", wait, at);
		add(&w, "or now: cbrun reset %s", name);
	}
	finish(&w);
}

/* "pid 4711 for 2h10m (trial call)" */
static void add_call(struct wrapping *w, const struct portrait_call *call)
{
	char who[TEXT_VALUE_SIZE];
	char age[TEXT_VALUE_SIZE];
	snprintf(who, sizeof(who), "pid %lld", (long long)call->pid);
	text_span(call->age_ms, age);
	add(w, "%s%s%s%s", call->pid > 0 ? who : "a call", call->age_ms >= 0 ? " for " : "",
	    call->age_ms >= 0 ? age : "", call->trial ? " (trial call)" : "");
}

static void print_running(FILE *out, const struct portrait *p, const struct style *style)
{
	int64_t rest = p->s.load.running - (int64_t)p->call_count;
	if (p->s.load.running == 0)
		return;
	struct wrapping w = begin(out, "Running", style);
	for (size_t i = 0; i < p->call_count; i++)
		add_call(&w, &p->calls[i]);
	if (rest > 0)
		add(&w, "and %lld more", (long long)rest);
	finish(&w);
}

static void print_last(FILE *out, const struct portrait *p, const struct style *style)
{
	const struct breaker *b = &p->s.breaker;
	if (b->recent == 0)
		return;
	struct wrapping w = begin(out, "Last calls", style);
	w.column += sketch_recent(out, b->recent, RECENT_CALLS, style) + 2;
	fputs(b->last_success_wall_ms > 0 || b->last_failure_wall_ms > 0 ? "  " : "", out);
	add_time(&w, "succeeded ", b->last_success_wall_ms, p->s.at.wall_ms);
	add_time(&w, "failed ", b->last_failure_wall_ms, p->s.at.wall_ms);
	finish(&w);
}

static void print_counts(FILE *out, const struct portrait *p, int64_t now_ms, const struct style *style)
{
	const struct totals *t = &p->s.breaker.totals;
	int64_t calls = t->successes + t->failures + t->ignored;
	struct window_counts counts = window_count(&p->s.breaker.window, &p->s.breaker.policy, now_ms);
	struct wrapping w = begin(out, "Window", style);
	if (counts.calls > 0)
		add(&w, "%lld of %lld call%s failed (%lld%%)", (long long)counts.failures,
		    (long long)counts.calls, text_plural(counts.calls), (long long)(counts.failures * 100 / counts.calls));
	else
		add(&w, "no calls");
	if (counts.slow > 0)
		add(&w, "%lld slow", (long long)counts.slow);
	finish(&w);
	w = begin(out, "Totals", style);
	add(&w, "%lld call%s", (long long)calls, text_plural(calls));
	add(&w, "%lld failed", (long long)t->failures);
	if (t->timeouts > 0)
		add(&w, "%lld of them at the time limit", (long long)t->timeouts);
	if (t->ignored > 0)
		add(&w, "%lld ignored", (long long)t->ignored);
	add(&w, "%lld rejected", (long long)t->rejected);
	finish(&w);
}

static void format_bound(int64_t us, char text[TEXT_VALUE_SIZE])
{
	if (us < US_PER_MS)
		text_decimal(us / 100, 10, text);
	else
		text_span(us / US_PER_MS, text);
	if (us < US_PER_MS)
		strcat(text, "ms");
}

static void print_latency(FILE *out, const struct portrait *p, const struct style *style)
{
	enum { BARS = 24, ENDS = 20 }; /* the ends of the sketch, and what parts them */
	struct sketch_latency sketch;
	char numbers[3][TEXT_VALUE_SIZE];
	char ends[2][TEXT_VALUE_SIZE];
	const struct latency *latency = &p->s.breaker.latency;
	size_t room = width_of(style) - MARGIN - ENDS;
	if (!sketch_latency(latency, room < BARS ? (int)room : BARS, style, &sketch))
		return;
	snapshot_format_latency(latency, 500, numbers[0]);
	snapshot_format_latency(latency, 950, numbers[1]);
	snapshot_format_latency(latency, 990, numbers[2]);
	format_bound(sketch.from_us, ends[0]);
	format_bound(sketch.to_us, ends[1]);
	struct wrapping w = begin(out, "Latency", style);
	fprintf(out, "%s |%s| %s  ", ends[0], sketch.bars, ends[1]);
	w.column += strlen(ends[0]) + text_columns(sketch.bars) + strlen(ends[1]) + sizeof(" || " "  ") - 1;
	add(&w, "p50 %s", numbers[0]);
	add(&w, "p95 %s", numbers[1]);
	add(&w, "p99 %s", numbers[2]);
	finish(&w);
}

/* What is off is left out. */
static void print_policy(FILE *out, const struct portrait *p, const struct style *style)
{
	struct wrapping w = begin(out, "Policy", style);
	for (int i = 0; i < p->s.policy_count; i++) {
		const struct policy_value *value = &p->s.policy[i];
		bool off = value->kind == POLICY_VALUE_NONE || strcmp(value->text, "false") == 0 ||
		           strcmp(value->text, "0") == 0 ||
		           (strcmp(value->name, "false-trips") == 0 && p->s.breaker.policy.failures != POLICY_AUTO);
		if (!off)
			add(&w, "%s %s", value->name, value->text);
	}
	finish(&w);
	if (p->difference[0] != '\0') {
		w = begin(out, "Differs", style);
		add_items(&w, p->difference);
		finish(&w);
	}
	if (p->s.disagreement[0] != '\0') {
		w = begin(out, "Disagree", style);
		add_items(&w, p->s.disagreement);
		finish(&w);
	}
}

/* What --failures auto has learned. */
static void print_health(FILE *out, const struct portrait *p, const struct style *style)
{
	const struct breaker *b = &p->s.breaker;
	char percent[TEXT_VALUE_SIZE];
	char rarity[REASON_RARITY_SIZE];
	if (b->policy.failures != POLICY_AUTO)
		return;
	struct wrapping w = begin(out, "Health", style);
	text_decimal(cusum_health_ppm(&b->cusum) / 100, POLICY_PPM / 100 / 100, percent);
	add(&w, "%s%% of calls fail", percent);
	int64_t allowed = breaker_calls_per_false_trip(b, &b->policy);
	reason_format_rarity(allowed, rarity);
	if (allowed > 0)
		add(&w, "opens at what happens once in %s calls", rarity);
	else
		add(&w, "how often it is called is not known yet");
	finish(&w);
}

/* How far the timeline of states goes back: so far that the incident is on it, and no further than is known.
 */
static int64_t span_ms(const struct portrait *p)
{
	enum { SPANS = 9, DAY = 6 };
	static const int64_t spans_ms[SPANS] = {HOUR_MS / 12, HOUR_MS / 4,  HOUR_MS,      3 * HOUR_MS,      6 * HOUR_MS,
	                                        12 * HOUR_MS, 24 * HOUR_MS, INT64_C(168) * HOUR_MS, INT64_C(720) * HOUR_MS};
	const struct breaker *b = &p->s.breaker;
	int64_t known_ms = p->s.at.wall_ms - p->past.known_ms;
	int64_t down_ms = b->state != BREAKER_CLOSED ? p->s.at.wall_ms - b->incident.since_wall_ms : 0;
	int i = 0;
	while (i < SPANS - 1 && (spans_ms[i] < down_ms || (spans_ms[i] < known_ms && i < DAY)))
		i++;
	return spans_ms[i];
}

static bool print_states(FILE *out, struct portrait *p, int64_t now_ms, const struct style *style)
{
	const struct breaker *b = &p->s.breaker;
	char length[TEXT_VALUE_SIZE];
	int64_t span = span_ms(p);
	bool unnoted = breaker_state_at(b, now_ms) != b->state; /* that an open period is over */
	if (unnoted) {
		struct sketch_change *change = array_append(&p->past.changes, sizeof(*change));
		if (change == NULL)
			return false;
		*change = (struct sketch_change){breaker_since_wall_ms(b, &p->s.at), b->state,
		                                 BREAKER_HALF_OPEN};
	}
	text_span(span, length);
	size_t room = width_of(style) - MARGIN - strlen(length) - sizeof("ago  now");
	label(out, "States");
	fprintf(out, "%s ago ", length);
	sketch_states(out,
	              &(struct sketch_span){.from_ms = p->s.at.wall_ms - span,
	                                    .to_ms = p->s.at.wall_ms,
	                                    .known_ms = p->past.known_ms > 0
	                                                        ? p->past.known_ms
	                                                        : breaker_since_wall_ms(b, &p->s.at),
	                                    .state = breaker_state_at(b, now_ms)},
	              p->past.changes.items, p->past.changes.count,
	              room < CELLS_MOST ? (int)room : CELLS_MOST, style);
	fputs(" now\n", out);
	p->past.changes.count -= unnoted;
	return true;
}

/* Where the lines are so wide, what an event was stays in its column. */
static bool print_event(FILE *out, const struct event *event, const struct style *style)
{
	enum { FAR = sizeof("2026-01-31 12:00:00+00:00  transition  ") - 1, NEAR = 4 };
	char *text = NULL;
	size_t size;
	size_t width = width_of(style);
	FILE *line = open_memstream(&text, &size);
	if (line == NULL)
		return false;
	event_print_text(line, NULL, event);
	bool ok = fclose(line) == 0;
	if (ok && style->width > 0) {
		text[strcspn(text, "\n")] = '\0';
		fold_print(out, text, 0, &(struct fold){width, width >= 2 * (size_t)FAR ? FAR : NEAR});
		fputc('\n', out);
	} else if (ok) {
		fputs(text, out);
	}
	free(text);
	return ok;
}

static bool print_events(FILE *out, const struct portrait *p, const struct style *style)
{
	bool ok = true;
	size_t first = p->past.event_count > PORTRAIT_EVENTS ? p->past.event_count - PORTRAIT_EVENTS : 0;
	if (p->past.event_count > 0)
		fputc('\n', out);
	for (size_t i = first; ok && i < p->past.event_count; i++)
		ok = print_event(out, &p->past.events[i % PORTRAIT_EVENTS], style);
	return ok;
}

bool portrait_print(FILE *out, struct portrait *p, const struct style *style)
{
	int64_t now_ms = breaker_now_ms(&p->s.breaker, &p->s.at);
	print_head(out, p, now_ms, style);
	print_since(out, p, style);
	print_next(out, p, now_ms, style);
	print_running(out, p, style);
	print_last(out, p, style);
	print_counts(out, p, now_ms, style);
	print_latency(out, p, style);
	print_policy(out, p, style);
	print_health(out, p, style);
	return print_states(out, p, now_ms, style) && print_events(out, p, style);
}
