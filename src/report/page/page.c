/* page.c: the page as a whole, and its summary. */
#include "report/page/page.h"

#include "base/clock.h"
#include "report/page/markup.h"
#include "report/page/rows.h"
#include "report/page/style.h"
#include "report/page/tables.h"

static void print_head(FILE *out, const char *host)
{
	/* a page that asks for nothing is kept from it by the browser, too */
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
	      "img-src data:\"/>\n"
	      "<meta name=\"generator\" content=\"cbrun " CBRUN_VERSION "\"/>\n<link rel=\"icon\" href=\"data:,\"/>\n"
	      "<title>Circuit breakers of ", out);
	markup_text(out, host);
	fputs("</title>\n<style>\n", out);
	style_print(out);
	fputs("</style>\n</head>\n<body>\n", out);
}

static void print_header(FILE *out, const struct survey *s, const char *host)
{
	char zone[CLOCK_TEXT_SIZE];
	clock_format_zone(s->to_ms, zone);
	fputs("<header>\n<h1>Circuit breakers of ", out);
	markup_text(out, host);
	fputs("</h1>\n<p class=\"soft\">", out);
	markup_time(out, s->from_ms);
	fputs(" to ", out);
	markup_time(out, s->to_ms);
	fprintf(out, ", local time (%s)</p>\n</header>\n", zone);
}

static void print_summary(FILE *out, const struct survey *s)
{
	int64_t calls = s->successes + s->failures + s->ignored;
	fputs("<section aria-labelledby=\"summary\">\n<h2 id=\"summary\">Summary</h2>\n<p>", out);
	if (s->breakers.count == 0)
		fputs("There are no breakers.", out);
	else if (s->down == 0)
		fputs("None is down.", out);
	else {
		markup_count(out, (int64_t)s->down);
		fputs(" of ", out);
		markup_count(out, (int64_t)s->breakers.count);
		fputs(s->down == 1 ? " is down." : " are down.", out);
	}
	fputs("</p>\n<dl class=\"sums\">\n", out);
	markup_sum(out, "Breakers", (int64_t)s->breakers.count);
	markup_sum(out, "Down now", (int64_t)s->down);
	markup_sum(out, "Incidents", s->incident_count);
	markup_sum(out, "Calls", calls);
	markup_failures(out, "Failed", s->failures, calls);
	markup_sum(out, "Rejected", s->rejected);
	markup_begin_sum(out, "Time down");
	markup_span(out, s->down_ms);
	markup_end_sum(out);
	fputs("</dl>\n</section>\n", out);
}

void page_print(FILE *out, const struct survey *s, const char *host)
{
	print_head(out, host);
	print_header(out, s, host);
	fputs("<main>\n", out);
	print_summary(out, s);
	if (s->breakers.count > 0) {
		rows_print(out, s);
		tables_print_incidents(out, s);
		tables_print_week(out, s);
	}
	fputs("</main>\n<footer class=\"soft\"><p>Made by cbrun " CBRUN_VERSION ".</p></footer>\n</body>\n</html>\n", out);
}
