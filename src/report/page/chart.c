/*
 * chart.c: the drawing is stretched to its place, but never in height. So bars
 * are strokes from top to bottom, as wide as most of a bin; their paths are short.
 */
#include "report/page/chart.h"

#include "base/clock.h"
#include "base/units.h"
#include "report/page/markup.h"

#include <math.h>

/* In the drawing's own units: the width of a bin, and where the lanes are. */
enum {
	BIN = 10,
	WIDTH = BIN * SURVEY_BINS,
	STATE_MIDDLE = 7,
	BASELINE = 48, /* of the outcomes: what counts for the service goes up, what against it down */
	UP = 28,
	DOWN = 16,
	TOOK_BOTTOM = 96,
	TOOK = 24,
	HEIGHT = 98,
};

static const char *const state_classes[SURVEY_STATES] = {
	[SURVEY_CLOSED] = "sc", [SURVEY_DISABLED] = "sd", [SURVEY_HALF_OPEN] = "sh", [SURVEY_OPEN] = "so"};

static void print_states(FILE *out, const struct survey_breaker *sb, enum survey_state state)
{
	bool begun = false;
	for (int i = 0; i < SURVEY_BINS; i++) {
		int first = i;
		while (i < SURVEY_BINS && sb->bins[i].state == state)
			i++;
		if (i == first)
			continue;
		if (!begun)
			fprintf(out, "<path class=\"%s\" d=\"", state_classes[state]);
		begun = true;
		fprintf(out, "M%d %dh%d", first * BIN, STATE_MIDDLE, (i - first) * BIN);
	}
	if (begun)
		fputs("\"/>", out);
}

/* One kind of bar: from where to where it goes in each bin, both from the top; nothing if they are equal. */
struct bars {
	const char *class;
	double from[SURVEY_BINS];
	double to[SURVEY_BINS];
};

static void print_bars(FILE *out, const struct bars *bars)
{
	bool begun = false;
	for (int i = 0; i < SURVEY_BINS; i++) {
		if (bars->from[i] == bars->to[i])
			continue;
		if (!begun)
			fprintf(out, "<path class=\"%s\" d=\"", bars->class);
		begun = true;
		fprintf(out, "M%d %.3gV%.3g", i * BIN + BIN / 2, bars->from[i], bars->to[i]);
	}
	if (begun)
		fputs("\"/>", out);
}

/* What a call is high, so that all bars have room. */
static double height_of_call(const struct survey_breaker *sb)
{
	double height = UP;
	for (int i = 0; i < SURVEY_BINS; i++) {
		const struct survey_bin *bin = &sb->bins[i];
		double up = (double)bin->successes + bin->ignored;
		height = fmin(height, up > 0 ? UP / up : height);
		height = fmin(height, bin->failures > 0 ? DOWN / (double)bin->failures : height);
	}
	return fmin(height, DOWN / 2.0); /* else a single call would fill its lane */
}

/* What is there is to be seen, however few. */
static double visible(double height)
{
	const double least = 1.5;
	return height > 0 ? fmax(height, least) : 0;
}

static void print_outcomes(FILE *out, const struct survey_breaker *sb)
{
	struct bars good = {.class = "ok"};
	struct bars ignored = {.class = "ig"};
	struct bars bad = {.class = "no"};
	double height = height_of_call(sb);
	for (int i = 0; i < SURVEY_BINS; i++) {
		const struct survey_bin *bin = &sb->bins[i];
		good.from[i] = bad.from[i] = BASELINE;
		good.to[i] = BASELINE - visible(bin->successes * height);
		ignored.from[i] = good.to[i];
		ignored.to[i] = good.to[i] - visible(bin->ignored * height);
		bad.to[i] = BASELINE + visible(bin->failures * height);
	}
	print_bars(out, &good);
	print_bars(out, &ignored);
	print_bars(out, &bad);
}

/* Each doubling is as high as the next, from a millisecond on: calls take from milliseconds to hours. */
static double height_of_duration(double ms, double longest_ms)
{
	return longest_ms > 0 ? TOOK * log1p(ms) / log1p(longest_ms) : 0;
}

static void print_durations(FILE *out, const struct survey_breaker *sb)
{
	struct bars mean = {.class = "tm"};
	struct bars longest = {.class = "tx"};
	double longest_ms = fmax((double)sb->longest_us / US_PER_MS, 1);
	for (int i = 0; i < SURVEY_BINS; i++) {
		const struct survey_bin *bin = &sb->bins[i];
		double calls = (double)bin->successes + bin->failures;
		mean.from[i] = mean.to[i] = longest.from[i] = longest.to[i] = TOOK_BOTTOM;
		if (calls == 0)
			continue;
		mean.to[i] = TOOK_BOTTOM - visible(height_of_duration(bin->sum_ms / calls, longest_ms) + 1);
		longest.from[i] = mean.to[i];
		longest.to[i] = fmin(TOOK_BOTTOM - height_of_duration(bin->longest_ms, longest_ms), mean.to[i]);
	}
	print_bars(out, &mean);
	print_bars(out, &longest);
}

/* What a person hears who does not see it. */
static void print_title(FILE *out, const struct survey *s, const struct survey_breaker *sb)
{
	fputs("<title>", out);
	markup_text(out, sb->name);
	fputs(": ", out);
	markup_counted(out, sb->successes + sb->failures + sb->ignored, "call");
	fputs(", ", out);
	markup_count(out, sb->failures);
	fputs(" failed; down for ", out);
	markup_span(out, sb->down_ms);
	fputs(" of ", out);
	markup_span(out, s->to_ms - s->from_ms);
	fputs("</title>", out);
}

void chart_print(FILE *out, const struct survey *s, const struct survey_breaker *sb)
{
	fprintf(out, "<svg role=\"img\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\">", WIDTH, HEIGHT);
	print_title(out, s, sb);
	fputs("<use href=\"#grid\"/>", out);
	for (int state = SURVEY_CLOSED; state < SURVEY_STATES; state++)
		print_states(out, sb, (enum survey_state)state);
	fprintf(out, "<path class=\"ax\" d=\"M0 %dh%d\"/>", BASELINE, WIDTH);
	print_outcomes(out, sb);
	print_durations(out, sb);
	fputs("</svg>\n", out);
}

/* A line where each local day begins. */
void chart_print_grid(FILE *out, const struct survey *s)
{
	enum { HOURS = 24, MOST_DAYS = 45 };
	const int64_t step_ms = 15 * 60 * MS_PER_S; /* no zone's hours begin elsewhere */
	int64_t span_ms = s->to_ms - s->from_ms;
	int64_t at_ms = (s->from_ms / step_ms + 1) * step_ms;
	bool many = span_ms > MOST_DAYS * HOURS * 4 * step_ms;
	fputs("<svg aria-hidden=\"true\" width=\"0\" height=\"0\"><defs><path id=\"grid\" class=\"gr\" d=\"M0 0", out);
	for (int hour = clock_hour_of_week(s->from_ms); at_ms < s->to_ms && !many; at_ms += step_ms) {
		int next = clock_hour_of_week(at_ms);
		if (next / HOURS != hour / HOURS)
			fprintf(out, "M%.1f 0v%d", (double)(at_ms - s->from_ms) * WIDTH / (double)span_ms, HEIGHT);
		hour = next;
	}
	fputs("\"/></defs></svg>\n", out);
}

static void print_swatch(FILE *out, const char *class, const char *path, const char *words)
{
	fprintf(out, "<li><svg aria-hidden=\"true\" viewBox=\"0 0 24 14\"><path class=\"%s\" d=\"%s\"/></svg> %s</li>\n", class,
	        path, words);
}

void chart_print_legend(FILE *out)
{
	static const char across[] = "M0 7h24";
	fputs("<ul class=\"legend\">\n", out);
	print_swatch(out, "so", across, "open");
	print_swatch(out, "sh", across, "half-open");
	print_swatch(out, "sd", across, "disabled");
	print_swatch(out, "sc", across, "closed");
	print_swatch(out, "ok", "M7 14v-10M17 14v-13", "successes, upwards");
	print_swatch(out, "no", "M7 0v6M17 0v11", "failures, downwards");
	print_swatch(out, "ig", "M7 14v-6M17 14v-8", "ignored, on top");
	print_swatch(out, "tm", "M7 14v-6M17 14v-4", "how long calls took on average");
	print_swatch(out, "tx", "M7 10v-8M17 12v-6", "and the longest, each doubling a step");
	fputs("</ul>\n", out);
}
