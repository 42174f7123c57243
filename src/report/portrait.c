/* portrait.c: a line for each thing that there is to know. */
#include "report/portrait.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "report/event.h"
#include "report/reason.h"

#include <string.h>

enum { LABEL = 10, MARGIN = LABEL + 2, LINE = 80, LEAST = 40, CELLS_MOST = 96 };

/* --- collecting --- */

bool portrait_add_event(struct portrait *p, const struct event *event)
{
	if (p->event_count == 0)
		p->known_ms = event->wall_ms;
	p->events[p->event_count++ % PORTRAIT_EVENTS] = *event;
	if (event->kind != EVENT_TRANSITION)
		return true;
	struct sketch_change *change = array_append(&p->changes, sizeof(*change));
	if (change == NULL)
		return false;
	*change = (struct sketch_change){event->wall_ms, event->from, event->to};
	return true;
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

void portrait_free(struct portrait *p)
{
	array_free(&p->changes);
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

/* Prints items with commas between, on as many lines as they need. */
struct wrapping {
	FILE *out;
	size_t width;
	size_t column;
};

static void add_item(struct wrapping *w, const char *item)
{
	size_t columns = text_columns(item);
	bool first = w->column == MARGIN;
	if (!first && w->column + 3 + columns > w->width) {
		fprintf(w->out, ",\n%*s", MARGIN, "");
		w->column = MARGIN;
		first = true;
	}
	w->column += (size_t)fprintf(w->out, "%s%s", first ? "" : ", ", item);
}

static void print_head(FILE *out, const struct portrait *p, int64_t now_ms, const struct style *style)
{
	const struct breaker *b = &p->s.breaker;
	char name[SNAPSHOT_TEXT_SIZE];
	char why[SNAPSHOT_TEXT_SIZE];
	struct standing standing = standing_of(b, &p->s.at);
	const char *mode = reason_mode_name(b, now_ms);
	const char *colour = style->colour ? (standing.rank == 3 ? STYLE_YELLOW : snapshot_colour(standing.state)) : "";
	const char *end = style->colour ? STYLE_END : "";
	bool plain = strcmp(mode, "normal") == 0;
	snapshot_format_why(&p->s, false, why);
	fprintf(out, "%s%s%s %s\n", colour, sketch_sign(standing.rank, style), end,
	        text_escape(p->s.name, name, sizeof(name)));
	label(out, "State");
	fprintf(out, "%s%s%s%s%s", colour, breaker_state_name(standing.state), plain ? "" : ", ", plain ? "" : mode, end);
	fprintf(out, "%s%s\n", why[0] != '\0' ? ": " : "", why);
}

/* "Sat 02:14 (1h30m ago)" */
static void print_time(FILE *out, const char *before, int64_t wall_ms, int64_t now_wall_ms)
{
	char at[CLOCK_TEXT_SIZE];
	char age[TEXT_VALUE_SIZE];
	clock_format_brief(wall_ms, now_wall_ms, at);
	text_span((now_wall_ms - wall_ms) / MS_PER_S * MS_PER_S, age);
	fprintf(out, "%s%s (%s ago)", before, at, age);
}

static void print_since(FILE *out, const struct portrait *p)
{
	const struct breaker *b = &p->s.breaker;
	int64_t wall_ms = p->s.at.wall_ms;
	bool down = b->state != BREAKER_CLOSED;
	label(out, down ? "Down since" : "Since");
	print_time(out, "", down ? b->incident.since_wall_ms : breaker_since_wall_ms(b, &p->s.at), wall_ms);
	if (down && b->incident.failing_since_wall_ms > 0)
		print_time(out, "; failing since ", b->incident.failing_since_wall_ms, wall_ms);
	if (down && b->incident.rejected > 0)
		fprintf(out, "; %lld rejected", (long long)b->incident.rejected);
	fputc('\n', out);
}

static void print_next(FILE *out, const struct portrait *p, int64_t now_ms)
{
	const struct breaker *b = &p->s.breaker;
	char name[SNAPSHOT_TEXT_SIZE];
	char wait[TEXT_VALUE_SIZE];
	char at[CLOCK_TEXT_SIZE];
	int64_t retry_ms = breaker_retry_after_ms(b, now_ms);
	if (breaker_state_at(b, now_ms) == BREAKER_CLOSED)
		return;
	label(out, "Next");
	text_escape(p->s.name, name, sizeof(name));
	if (breaker_mode_at(b, now_ms) == MODE_HELD) {
		fprintf(out, "it stays so until: cbrun reset %s\n", name);
	} else if (retry_ms < 0) {
		fprintf(out, "trial calls may run; %lld of %lld have succeeded\n", (long long)b->trial_successes,
		        (long long)b->policy.successes);
	} else {
		text_wait(retry_ms, wait);
		clock_format_brief(p->s.at.wall_ms + retry_ms, p->s.at.wall_ms, at);
		fprintf(out, "a trial call may run in %s, at %s; or now: cbrun reset %s\n", wait, at, name);
	}
}

static void print_running(FILE *out, const struct portrait *p)
{
	struct wrapping w = {.out = out, .width = LINE, .column = MARGIN};
	if (p->s.load.running == 0)
		return;
	label(out, "Running");
	for (size_t i = 0; i < p->call_count; i++) {
		const struct portrait_call *call = &p->calls[i];
		char item[128];
		char age[TEXT_VALUE_SIZE];
		int used = call->pid > 0 ? snprintf(item, sizeof(item), "pid %lld", (long long)call->pid)
		                         : snprintf(item, sizeof(item), "a call");
		text_span(call->age_ms, age);
		snprintf(item + used, sizeof(item) - (size_t)used, "%s%s%s", call->age_ms >= 0 ? " for " : "",
		         call->age_ms >= 0 ? age : "", call->trial ? " (trial call)" : "");
		add_item(&w, item);
	}
	if (p->s.load.running > (int64_t)p->call_count)
		fprintf(out, " and %lld more", (long long)(p->s.load.running - (int64_t)p->call_count));
	fputc('\n', out);
}

static void print_calls(FILE *out, const struct portrait *p, int64_t now_ms, const struct style *style)
{
	const struct breaker *b = &p->s.breaker;
	const struct totals *t = &b->totals;
	struct window_counts w = window_count(&b->window, &b->policy, now_ms);
	if (b->recent != 0) {
		label(out, "Last calls");
		sketch_recent(out, b->recent, RECENT_CALLS, style);
		if (b->last_success_wall_ms > 0)
			print_time(out, "  succeeded ", b->last_success_wall_ms, p->s.at.wall_ms);
		if (b->last_failure_wall_ms > 0)
			print_time(out, b->last_success_wall_ms > 0 ? ", failed " : "  failed ", b->last_failure_wall_ms,
			           p->s.at.wall_ms);
		fputc('\n', out);
	}
	label(out, "Window");
	if (w.calls > 0)
		fprintf(out, "%lld of %lld calls failed (%lld%%), %lld slow\n", (long long)w.failures,
		        (long long)w.calls, (long long)(w.failures * 100 / w.calls), (long long)w.slow);
	else
		fputs("no calls\n", out);
	label(out, "Totals");
	fprintf(out, "%lld calls, %lld failed (%lld timed out), %lld ignored, %lld rejected\n",
	        (long long)(t->successes + t->failures + t->ignored), (long long)t->failures, (long long)t->timeouts,
	        (long long)t->ignored, (long long)t->rejected);
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
	enum { BARS = 24 };
	struct sketch_latency sketch;
	char numbers[3][TEXT_VALUE_SIZE];
	char ends[2][TEXT_VALUE_SIZE];
	const struct latency *latency = &p->s.breaker.latency;
	if (!sketch_latency(latency, BARS, style, &sketch))
		return;
	snapshot_format_latency(latency, 500, numbers[0]);
	snapshot_format_latency(latency, 950, numbers[1]);
	snapshot_format_latency(latency, 990, numbers[2]);
	format_bound(sketch.from_us, ends[0]);
	format_bound(sketch.to_us, ends[1]);
	label(out, "Latency");
	fprintf(out, "%s |%s| %s  p50 %s, p95 %s, p99 %s\n", ends[0], sketch.bars, ends[1], numbers[0], numbers[1],
	        numbers[2]);
}

static void print_policy(FILE *out, const struct portrait *p, const struct style *style)
{
	struct wrapping w = {.out = out, .width = width_of(style), .column = MARGIN};
	label(out, "Policy");
	for (int i = 0; i < p->s.policy_count; i++) {
		const struct policy_value *value = &p->s.policy[i];
		char item[128];
		bool off = value->kind == POLICY_VALUE_NONE || strcmp(value->text, "false") == 0;
		if (off || strcmp(value->text, "0") == 0)
			continue;
		snprintf(item, sizeof(item), "%s %s", value->name, value->text);
		add_item(&w, item);
	}
	fputc('\n', out);
	if (p->difference[0] != '\0') {
		label(out, "Differs");
		fprintf(out, "%s\n", p->difference);
	}
	if (p->s.disagreement[0] != '\0') {
		label(out, "Callers");
		fprintf(out, "disagree: %s\n", p->s.disagreement);
	}
}

/* How far the timeline of states goes back: so far that the incident is on it, and no further than is known. */
static int64_t span_ms(const struct portrait *p)
{
	enum { SPANS = 5 };
	static const int64_t spans[SPANS] = {3600000, 6 * 3600000, 86400000, 7 * INT64_C(86400000),
	                                     30 * INT64_C(86400000)};
	const struct breaker *b = &p->s.breaker;
	int64_t known_ms = p->s.at.wall_ms - p->known_ms;
	int64_t down_ms = b->state != BREAKER_CLOSED ? p->s.at.wall_ms - b->incident.since_wall_ms : 0;
	int i = 0;
	while (i < SPANS - 1 && (spans[i] < down_ms || (spans[i] < known_ms && spans[i] < spans[2])))
		i++;
	return spans[i];
}

static bool print_states(FILE *out, struct portrait *p, int64_t now_ms, const struct style *style)
{
	const struct breaker *b = &p->s.breaker;
	char length[TEXT_VALUE_SIZE];
	int64_t span = span_ms(p);
	if (breaker_state_at(b, now_ms) != b->state) { /* nobody has noted it yet */
		struct sketch_change *change = array_append(&p->changes, sizeof(*change));
		if (change == NULL)
			return false;
		*change = (struct sketch_change){breaker_since_wall_ms(b, &p->s.at), b->state, BREAKER_HALF_OPEN};
	}
	text_span(span, length);
	size_t room = width_of(style) - MARGIN - strlen(length) - sizeof("ago  now");
	label(out, "States");
	fprintf(out, "%s ago ", length);
	sketch_states(out,
	              &(struct sketch_span){.from_ms = p->s.at.wall_ms - span,
	                                    .to_ms = p->s.at.wall_ms,
	                                    .known_ms = p->known_ms > 0 ? p->known_ms : breaker_since_wall_ms(b, &p->s.at),
	                                    .state = breaker_state_at(b, now_ms)},
	              p->changes.items, p->changes.count, room < CELLS_MOST ? (int)room : CELLS_MOST, style);
	fputs(" now\n", out);
	return true;
}

static void print_events(FILE *out, const struct portrait *p)
{
	size_t first = p->event_count > PORTRAIT_EVENTS ? p->event_count - PORTRAIT_EVENTS : 0;
	if (p->event_count > 0)
		fputc('\n', out);
	for (size_t i = first; i < p->event_count; i++)
		event_print_text(out, NULL, &p->events[i % PORTRAIT_EVENTS]);
}

bool portrait_print(FILE *out, struct portrait *p, const struct style *style)
{
	int64_t now_ms = breaker_now_ms(&p->s.breaker, &p->s.at);
	print_head(out, p, now_ms, style);
	print_since(out, p);
	print_next(out, p, now_ms);
	print_running(out, p);
	print_calls(out, p, now_ms, style);
	print_latency(out, p, style);
	print_policy(out, p, style);
	bool ok = print_states(out, p, now_ms, style);
	print_events(out, p);
	return ok;
}
