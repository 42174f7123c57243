/* rows.c: the breakers, one below the other. */
#include "report/page/rows.h"

#include "base/units.h"
#include "report/page/chart.h"
#include "report/page/markup.h"

#include <string.h>

static const char *const state_names[SURVEY_STATES] = {
	[SURVEY_UNKNOWN] = "unknown",     [SURVEY_CLOSED] = "closed", [SURVEY_DISABLED] = "disabled",
	[SURVEY_HALF_OPEN] = "half-open", [SURVEY_OPEN] = "open"};

/* Signs, since colours are not for everybody. */
static const char *const state_signs[SURVEY_STATES] = {
	[SURVEY_UNKNOWN] = "?", [SURVEY_CLOSED] = "\u2713", [SURVEY_DISABLED] = "\u2016",
	[SURVEY_HALF_OPEN] = "\u25d0", [SURVEY_OPEN] = "\u2715"};

static const char *const state_classes[SURVEY_STATES] = {
	[SURVEY_UNKNOWN] = "su", [SURVEY_CLOSED] = "sc", [SURVEY_DISABLED] = "sd", [SURVEY_HALF_OPEN] = "sh", [SURVEY_OPEN] = "so"};

static int64_t calls_of(const struct survey_breaker *sb)
{
	return sb->successes + sb->failures + sb->ignored;
}

static void print_state(FILE *out, const struct survey_breaker *sb)
{
	const char *mode = sb->mode != NULL && strcmp(sb->mode, "disabled") != 0 ? sb->mode : NULL;
	fprintf(out, "<p><span class=\"state\"><span aria-hidden=\"true\">%s</span> %s%s%s</span> since ", state_signs[sb->state],
	        state_names[sb->state], mode != NULL ? ", " : "", mode != NULL ? mode : "");
	markup_time(out, sb->since_ms);
	fputs("</p>\n", out);
	if (sb->reason != NULL && sb->reason[0] != '\0') {
		fputs("<p class=\"soft\">", out);
		markup_text(out, sb->reason);
		fputs("</p>\n", out);
	}
	if (sb->recorded_since_ms > 0) {
		fputs("<p class=\"soft\">Recorded since ", out);
		markup_time(out, sb->recorded_since_ms);
		fputs(" only</p>\n", out);
	}
}

static void print_duration(FILE *out, const char *name, int64_t duration_us)
{
	markup_begin_sum(out, name);
	if (duration_us > 0 && duration_us < US_PER_MS)
		fputs("&lt;1ms", out);
	else
		markup_span(out, duration_us / US_PER_MS);
	markup_end_sum(out);
}

static void print_numbers(FILE *out, const struct survey_breaker *sb)
{
	fputs("<dl>\n", out);
	markup_sum(out, "Calls", calls_of(sb));
	markup_failures(out, "Failed", sb->failures, calls_of(sb));
	markup_sum(out, "Rejected", sb->rejected);
	markup_sum(out, "Incidents", sb->incidents);
	markup_begin_sum(out, "Down for");
	markup_span(out, sb->down_ms);
	markup_end_sum(out);
	if (sb->ignored > 0)
		markup_sum(out, "Ignored", sb->ignored);
	if (sb->timeouts > 0)
		markup_sum(out, "Timed out", sb->timeouts);
	if (sb->successes + sb->failures > 0) {
		print_duration(out, "Median", sb->median_us);
		print_duration(out, "p95", sb->p95_us);
		print_duration(out, "Longest", sb->longest_us);
	}
	fputs("</dl>\n", out);
}

static void print_breaker(FILE *out, const struct survey *s, const struct survey_breaker *sb)
{
	fprintf(out, "<li id=\"b%zd\" class=\"%s\">\n<div><h3>", sb - survey_breaker_at(s, 0), state_classes[sb->state]);
	markup_name(out, sb->name);
	fputs("</h3>\n", out);
	print_state(out, sb);
	fputs("</div>\n<div class=\"chart\">", out);
	chart_print(out, s, sb);
	fputs("<div class=\"axis\">", out);
	markup_time(out, s->from_ms);
	markup_time(out, s->to_ms);
	fputs("</div></div>\n", out);
	print_numbers(out, sb);
	fputs("</li>\n", out);
}

void rows_print(FILE *out, const struct survey *s)
{
	fputs("<section aria-labelledby=\"breakers\">\n<h2 id=\"breakers\">Breakers</h2>\n"
	      "<p class=\"soft\">The worst first. From top to bottom: the states, how calls ended, how long they took. "
	      "Where no state is shown, nothing is recorded. A day begins at each line.</p>\n", out);
	chart_print_legend(out);
	chart_print_grid(out, s);
	fputs("<ul class=\"breakers\">\n", out);
	for (size_t i = 0; i < s->breakers.count; i++)
		print_breaker(out, s, s->order[i]);
	fputs("</ul>\n</section>\n", out);
}
