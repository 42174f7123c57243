/* metrics.c: the families of metrics, and their two formats. */
#include "report/metrics.h"

#include "base/text.h"
#include "base/units.h"
#include "report/reason.h"

#include <stdlib.h>
#include <string.h>

/*
 * The upper bounds of the histogram's buckets. They are bounds of the buckets in
 * which a breaker counts durations, the nearest to 10, 25, 50, 100, 250 and 500
 * milliseconds, 1, 2.5, 5, 10 and 30 seconds, 1, 2, 5, 10 and 30 minutes and an
 * hour: so each count is exact, and none is interpolated. But for one
 * microsecond: a call that took just that long is in the next bucket.
 */
static const int64_t bounds_us[] = {
	9600,    25600,   51200,    102400,   256000,    512000,    1024000,    2457600,    4915200,
	9830400, 32768000, 65536000, 131072000, 314572800, 629145600, 1677721600, 3355443200,
};
enum { BOUNDS = sizeof(bounds_us) / sizeof(bounds_us[0]) };

#define ABSENT INT64_C(-1)

enum { STATES = 3, OUTCOMES = 4, MODES = 4, WORDS = 4, BILLION = 1000000000 };

/* What is told of a breaker: the numbers of the table of families below. */
struct metrics_sample {
	char *label; /* its name, as a label's value */
	int64_t states[STATES];
	int64_t modes[MODES];
	int64_t calls[OUTCOMES];
	int64_t transitions[STATES];
	int64_t rejected;
	int64_t retries;
	int64_t fallbacks;
	int64_t running;
	int64_t failure_ppb; /* of the window, parts per billion */
	int64_t since_ms;    /* this and the next four: since 1970 */
	int64_t down_since_ms;
	int64_t open_until_ms;
	int64_t last_success_ms;
	int64_t last_failure_ms;
	int64_t expected_ms;
	/* the histogram */
	int64_t measured;      /* calls with a duration: those that succeeded or failed */
	int64_t sum_us;
	int64_t up_to[BOUNDS]; /* so many of them took less than bounds_us[] */
};

enum type { TYPE_GAUGE, TYPE_COUNTER, TYPE_HISTOGRAM };

struct family {
	const char *name; /* as it is in OpenMetrics: without _total */
	enum type type;
	const char *unit;        /* the name ends in it; NULL = there is none */
	const char *help;
	size_t field;            /* its place in struct metrics_sample */
	int64_t scale;           /* the field has so many of what is shown, a power of ten */
	const char *label;       /* beside `name`, with a sample for each word; NULL = there is none */
	const char *const words[WORDS]; /* of which the field has an array */
};

#define FIELD(member) offsetof(struct metrics_sample, member)

/* clang-format off: a row reads better in its own lines */
static const struct family families[] = {
	{.name = "cbrun_state", .type = TYPE_GAUGE,
	 .help = "The state of the circuit breaker: 1 for the one it is in, else 0.",
	 .field = FIELD(states), .scale = 1, .label = "state", .words = {"closed", "open", "half-open"}},
	{.name = "cbrun_mode", .type = TYPE_GAUGE,
	 .help = "1 for the mode it is in: normal, held or disabled by hand, or shadow, which rejects nothing.",
	 .field = FIELD(modes), .scale = 1, .label = "mode", .words = {"normal", "held", "disabled", "shadow"}},
	{.name = "cbrun_calls", .type = TYPE_COUNTER,
	 .help = "Calls that ran, by how they ended. Timeouts are not among the failures here.",
	 .field = FIELD(calls), .scale = 1, .label = "outcome", .words = {"success", "failure", "timeout", "ignored"}},
	{.name = "cbrun_rejected", .type = TYPE_COUNTER,
	 .help = "Calls that were rejected, and did not run.",
	 .field = FIELD(rejected), .scale = 1},
	{.name = "cbrun_retries", .type = TYPE_COUNTER,
	 .help = "Attempts beyond the first of a call.",
	 .field = FIELD(retries), .scale = 1},
	{.name = "cbrun_fallbacks", .type = TYPE_COUNTER,
	 .help = "Fallbacks that ran.",
	 .field = FIELD(fallbacks), .scale = 1},
	{.name = "cbrun_transitions", .type = TYPE_COUNTER,
	 .help = "Changes of state, by the new one.",
	 .field = FIELD(transitions), .scale = 1, .label = "to", .words = {"closed", "open", "half-open"}},
	{.name = "cbrun_call_duration_seconds", .type = TYPE_HISTOGRAM, .unit = "seconds",
	 .help = "How long calls that succeeded or failed took, with all their attempts.",
	 .field = FIELD(up_to), .scale = US_PER_S},
	{.name = "cbrun_in_flight", .type = TYPE_GAUGE,
	 .help = "Calls that are running.",
	 .field = FIELD(running), .scale = 1},
	{.name = "cbrun_failure_ratio", .type = TYPE_GAUGE, .unit = "ratio",
	 .help = "The share of failures among the calls of the window; missing while it is empty.",
	 .field = FIELD(failure_ppb), .scale = BILLION},
	{.name = "cbrun_state_since_timestamp_seconds", .type = TYPE_GAUGE, .unit = "seconds",
	 .help = "When the breaker entered its state.",
	 .field = FIELD(since_ms), .scale = MS_PER_S},
	{.name = "cbrun_down_since_timestamp_seconds", .type = TYPE_GAUGE, .unit = "seconds",
	 .help = "Since when it has not been closed; missing while it is.",
	 .field = FIELD(down_since_ms), .scale = MS_PER_S},
	{.name = "cbrun_open_until_timestamp_seconds", .type = TYPE_GAUGE, .unit = "seconds",
	 .help = "When trial calls are let in, or have been since; missing while it is closed or held.",
	 .field = FIELD(open_until_ms), .scale = MS_PER_S},
	{.name = "cbrun_last_success_timestamp_seconds", .type = TYPE_GAUGE, .unit = "seconds",
	 .help = "When a call succeeded last; missing if none ever did.",
	 .field = FIELD(last_success_ms), .scale = MS_PER_S},
	{.name = "cbrun_last_failure_timestamp_seconds", .type = TYPE_GAUGE, .unit = "seconds",
	 .help = "When a call failed last; missing if none ever did.",
	 .field = FIELD(last_failure_ms), .scale = MS_PER_S},
	{.name = "cbrun_expected_interval_seconds", .type = TYPE_GAUGE, .unit = "seconds",
	 .help = "Time within which the next success is expected, as configured or learned; missing if unknown.",
	 .field = FIELD(expected_ms), .scale = MS_PER_S},
};
/* clang-format on */

/* A label's value: what is no text for people is escaped as for them, and then what the formats want escaped. */
static char *make_label(const char *text)
{
	char shown[4 * REASON_LINE_SIZE];
	text_escape(text, shown, sizeof(shown));
	char *label = malloc(2 * strlen(shown) + 1);
	char *end = label;
	for (const char *c = shown; label != NULL && *c != '\0'; c++) {
		if (*c == '\\' || *c == '"')
			*end++ = '\\';
		*end++ = *c;
	}
	if (label != NULL)
		*end = '\0';
	return label;
}

static void sum_up(struct metrics_sample *s, const struct latency *latency)
{
	int64_t seen = 0;
	int bucket = 0;
	s->measured = latency->count;
	s->sum_us = latency->sum_us;
	for (int i = 0; i < BOUNDS; i++) {
		for (; latency_bound_us(bucket) <= bounds_us[i]; bucket++)
			seen += latency->buckets[bucket];
		s->up_to[i] = seen < s->measured ? seen : s->measured; /* a store may say anything */
	}
}

static int64_t if_any(int64_t value)
{
	return value > 0 ? value : ABSENT;
}

/* When its open period ends, or has ended if it is half-open since. */
static int64_t open_until(const struct breaker *b, const struct instant *at, int64_t now_ms)
{
	if (breaker_state_at(b, now_ms) == BREAKER_CLOSED || b->mode == MODE_HELD)
		return ABSENT;
	return if_any(at->wall_ms + b->open_until_ms - now_ms);
}

static void set_state(struct metrics_sample *s, const struct breaker *b, int64_t now_ms)
{
	static const char *const modes[MODES] = {"normal", "held", "disabled", "shadow"};
	const char *mode = reason_mode_name(b, now_ms);
	s->states[breaker_state_at(b, now_ms)] = 1;
	for (int i = 0; i < MODES; i++)
		s->modes[i] = strcmp(modes[i], mode) == 0 ? 1 : ABSENT;
}

static void set_totals(struct metrics_sample *s, const struct totals *t)
{
	s->calls[0] = t->successes;
	s->calls[1] = t->failures - t->timeouts;
	s->calls[2] = t->timeouts;
	s->calls[3] = t->ignored;
	memcpy(s->transitions, t->transitions_to, sizeof(s->transitions));
	s->rejected = t->rejected;
	s->retries = t->retries;
	s->fallbacks = t->fallbacks;
}

static void set_times(struct metrics_sample *s, const struct breaker *b, const struct instant *at, int64_t now_ms)
{
	s->since_ms = if_any(breaker_since_wall_ms(b, at));
	s->down_since_ms = if_any(b->incident.since_wall_ms);
	s->open_until_ms = open_until(b, at, now_ms);
	s->last_success_ms = if_any(b->last_success_wall_ms);
	s->last_failure_ms = if_any(b->last_failure_wall_ms);
}

bool metrics_add(struct metrics *m, const char *name, const struct breaker *b, const struct instant *at,
                 int64_t running, int64_t expected_ms)
{
	int64_t now_ms = breaker_now_ms(b, at);
	struct window_counts w = window_count(&b->window, &b->policy, now_ms);
	struct metrics_sample *s = array_append(&m->samples, sizeof(*s));
	char *label = s != NULL ? make_label(name) : NULL;
	if (s != NULL)
		*s = (struct metrics_sample){.label = label, .running = running};
	if (label == NULL)
		return false;
	set_state(s, b, now_ms);
	set_totals(s, &b->totals);
	set_times(s, b, at, now_ms);
	s->failure_ppb = w.calls > 0 ? (int64_t)((double)w.failures / (double)w.calls * BILLION + 0.5) : ABSENT;
	s->expected_ms = breaker_mode_at(b, now_ms) == MODE_DISABLED ? ABSENT : if_any(expected_ms);
	sum_up(s, &b->latency);
	return true;
}

void metrics_free(struct metrics *m)
{
	struct metrics_sample *samples = m->samples.items;
	for (size_t i = 0; i < m->samples.count; i++)
		free(samples[i].label);
	array_free(&m->samples);
}

/* --- the formats --- */

static const char *const type_names[] = {
	[TYPE_GAUGE] = "gauge", [TYPE_COUNTER] = "counter", [TYPE_HISTOGRAM] = "histogram"};

struct writer {
	FILE *out;
	const struct metrics *metrics;
	enum metrics_format format;
	char bounds[BOUNDS][TEXT_VALUE_SIZE]; /* of the histogram, as text */
};

static const struct metrics_sample *sample_at(const struct writer *w, size_t number)
{
	return (const struct metrics_sample *)w->metrics->samples.items + number;
}

/* Neither name nor help has what would have to be escaped. */
static void print_head(const struct writer *w, const struct family *f)
{
	const char *suffix = f->type == TYPE_COUNTER && w->format == METRICS_TEXT ? "_total" : "";
	fprintf(w->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", f->name, suffix, f->help, f->name, suffix,
	        type_names[f->type]);
	if (f->unit != NULL && w->format == METRICS_OPENMETRICS)
		fprintf(w->out, "# UNIT %s %s\n", f->name, f->unit);
}

/* `name`, the label of the breaker, and one more if there is one, and the number. There may be many: without locking. */
static void print_sample(const struct writer *w, const char *const name[2], const struct metrics_sample *s,
                         const char *const label[2], const char *number)
{
	FILE *out = w->out;
	fputs_unlocked(name[0], out);
	fputs_unlocked(name[1], out);
	fputs_unlocked("{name=\"", out);
	fputs_unlocked(s->label, out);
	if (label[0] != NULL) {
		fputs_unlocked("\",", out);
		fputs_unlocked(label[0], out);
		fputs_unlocked("=\"", out);
		fputs_unlocked(label[1], out);
	}
	fputs_unlocked("\"} ", out);
	fputs_unlocked(number, out);
	putc_unlocked('\n', out);
}

/* Whether the family has anything to tell of that breaker. One that is among words always has. */
static bool has_samples(const struct family *f, const int64_t *field)
{
	return f->label != NULL || *field != ABSENT;
}

static void print_numbers(const struct writer *w, const struct family *f, const struct metrics_sample *s,
                          const int64_t *field)
{
	const char *const name[2] = {f->name, f->type == TYPE_COUNTER ? "_total" : ""};
	char number[TEXT_VALUE_SIZE];
	for (int i = 0; i == 0 || (i < WORDS && f->words[i] != NULL); i++) {
		const char *const label[2] = {f->label, f->words[i]};
		if (field[i] == ABSENT)
			continue;
		text_decimal(field[i], f->scale, number);
		print_sample(w, name, s, label, number);
	}
}

static void print_histogram(const struct writer *w, const struct family *f, const struct metrics_sample *s)
{
	static const char *const none[2];
	static const char *const infinite[2] = {"le", "+Inf"};
	const char *const bucket[2] = {f->name, "_bucket"};
	const char *const count[2] = {f->name, "_count"};
	const char *const sum[2] = {f->name, "_sum"};
	char number[TEXT_VALUE_SIZE];
	for (int i = 0; i < BOUNDS; i++) {
		const char *const label[2] = {"le", w->bounds[i]};
		text_decimal(s->up_to[i], 1, number);
		print_sample(w, bucket, s, label, number);
	}
	text_decimal(s->measured, 1, number);
	print_sample(w, bucket, s, infinite, number);
	print_sample(w, count, s, none, number);
	text_decimal(s->sum_us, US_PER_S, number);
	print_sample(w, sum, s, none, number);
}

static void print_family(const struct writer *w, const struct family *f)
{
	bool begun = false;
	for (size_t i = 0; i < w->metrics->samples.count; i++) {
		const struct metrics_sample *s = sample_at(w, i);
		const int64_t *field = (const int64_t *)(const void *)((const char *)s + f->field);
		if (!has_samples(f, field))
			continue;
		if (!begun)
			print_head(w, f);
		begun = true;
		if (f->type == TYPE_HISTOGRAM)
			print_histogram(w, f, s);
		else
			print_numbers(w, f, s, field);
	}
}

/* In OpenMetrics this is a type of its own. */
static void print_engine(const struct writer *w)
{
	bool open = w->format == METRICS_OPENMETRICS;
	fprintf(w->out, "# HELP %s Which engine keeps the breakers.\n# TYPE %s %s\ncbrun_store_info{engine=\"%s\"} 1\n",
	        open ? "cbrun_store" : "cbrun_store_info", open ? "cbrun_store" : "cbrun_store_info",
	        open ? "info" : "gauge", w->metrics->engine);
}

void metrics_print(FILE *out, const struct metrics *m, enum metrics_format format)
{
	struct writer w = {.out = out, .metrics = m, .format = format};
	for (int i = 0; i < BOUNDS; i++)
		text_decimal(bounds_us[i], US_PER_S, w.bounds[i]);
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		print_family(&w, &families[i]);
	if (m->engine != NULL)
		print_engine(&w);
	if (format == METRICS_OPENMETRICS)
		fputs("# EOF\n", out);
}
