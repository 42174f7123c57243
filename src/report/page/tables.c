/* tables.c: the incidents, and the hours of the week. */
#include "report/page/tables.h"

#include "base/clock.h"
#include "report/page/markup.h"

/* Roles are said, since a table that is laid out otherwise on a small screen would lose them. */
static void begin_cell(FILE *out, const char *label, const char *class)
{
	fprintf(out, "<td role=\"cell\" data-label=\"%s\"%s%s%s><span>", label, class != NULL ? " class=\"" : "",
	        class != NULL ? class : "", class != NULL ? "\"" : "");
}

static void end_cell(FILE *out)
{
	fputs("</span></td>\n", out);
}

static void print_cause(FILE *out, const struct survey_incident *incident)
{
	begin_cell(out, "Cause", NULL);
	markup_text(out, incident->cause[0] != '\0' ? incident->cause : "no longer recorded");
	if (incident->exit >= 0)
		fprintf(out, ", exit %lld", (long long)incident->exit);
	end_cell(out);
}

static void print_incident(FILE *out, const struct survey *s, const struct survey_incident *incident)
{
	fprintf(out, "<tr role=\"row\">\n<th role=\"rowheader\" scope=\"row\"><a href=\"#b%zu\">", incident->breaker);
	markup_name(out, survey_breaker_at(s, incident->breaker)->name);
	fputs("</a></th>\n", out);
	begin_cell(out, "From", NULL);
	markup_time(out, incident->since_ms);
	end_cell(out);
	begin_cell(out, "Length", "number");
	markup_span(out, incident->length_ms);
	end_cell(out);
	begin_cell(out, "Rejected", "number");
	markup_count(out, incident->rejected);
	end_cell(out);
	print_cause(out, incident);
	begin_cell(out, "Ended by", NULL);
	markup_text(out, incident->over ? incident->ending : "still going on");
	end_cell(out);
	fputs("</tr>\n", out);
}

static void print_incident_table(FILE *out, const struct survey *s)
{
	static const char *const names[] = {"Breaker", "From", "Length", "Rejected", "Cause", "Ended by"};
	const struct survey_incident *incidents = s->incidents.items;
	fputs("<table role=\"table\">\n<caption>From opening to closing, the newest first, with the calls rejected meanwhile", out);
	if (s->incident_count > (int64_t)s->incidents.count) {
		fputs("; of ", out);
		markup_count(out, s->incident_count);
		fprintf(out, " the newest %zu", s->incidents.count);
	}
	fputs(".</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">", out);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		fprintf(out, "<th role=\"columnheader\" scope=\"col\"%s>%s</th>", i == 2 || i == 3 ? " class=\"number\"" : "",
		        names[i]);
	fputs("</tr></thead>\n<tbody role=\"rowgroup\">\n", out);
	for (size_t i = 0; i < s->incidents.count; i++)
		print_incident(out, s, &incidents[i]);
	fputs("</tbody>\n</table>\n", out);
}

void tables_print_incidents(FILE *out, const struct survey *s)
{
	fputs("<section class=\"incidents\" aria-labelledby=\"incidents\">\n<h2 id=\"incidents\">Incidents</h2>\n", out);
	if (s->incidents.count > 0)
		print_incident_table(out, s);
	else
		fputs("<p>There were none.</p>\n", out);
	fputs("</section>\n", out);
}

/* --- the week --- */

enum { HEATS = 5 };

static int64_t hottest(const struct survey *s)
{
	int64_t most = 0;
	for (int day = 0; day < SURVEY_WEEKDAYS; day++)
		for (int hour = 0; hour < SURVEY_HOURS; hour++)
			most = s->failed_at[day][hour] > most ? s->failed_at[day][hour] : most;
	return most;
}

static void print_hour(FILE *out, const struct survey *s, int day, int hour, int64_t most)
{
	int64_t failed = s->failed_at[day][hour];
	int64_t heat = most > 0 ? (failed * HEATS + most - 1) / most : 0;
	if (s->called_at[day][hour] == 0) {
		fputs("<td></td>", out);
		return;
	}
	fprintf(out, "<td class=\"h%lld\">%lld</td>", (long long)heat, (long long)failed);
}

static void print_week_table(FILE *out, const struct survey *s)
{
	static const char *const days[SURVEY_WEEKDAYS] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	int64_t most = hottest(s);
	char zone[CLOCK_TEXT_SIZE];
	clock_format_zone(s->to_ms, zone);
	fprintf(out, "<table class=\"heat\">\n<caption><span>Failed calls of all breakers by weekday and hour, local time (now %s). "
	        "Empty: no calls.</span></caption>\n<thead><tr><td></td>", zone);
	for (int hour = 0; hour < SURVEY_HOURS; hour++)
		fprintf(out, "<th scope=\"col\">%02d</th>", hour);
	fputs("</tr></thead>\n<tbody>\n", out);
	for (int day = 0; day < SURVEY_WEEKDAYS; day++) {
		fprintf(out, "<tr><th scope=\"row\">%s</th>", days[day]);
		for (int hour = 0; hour < SURVEY_HOURS; hour++)
			print_hour(out, s, day, hour, most);
		fputs("</tr>\n", out);
	}
	fputs("</tbody>\n</table>\n", out);
}

void tables_print_week(FILE *out, const struct survey *s)
{
	fputs("<section aria-labelledby=\"week\">\n<h2 id=\"week\">Failures by hour</h2>\n"
	      "<div class=\"scroll\" role=\"group\" aria-labelledby=\"week\" tabindex=\"0\">\n", out);
	print_week_table(out, s);
	fputs("</div>\n</section>\n", out);
}
