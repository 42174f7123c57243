/* markup.c: values as HTML. */
#include "report/page/markup.h"

#include "base/clock.h"
#include "base/text.h"
#include "report/reason.h"

#include <string.h>

/* Writes a text that has been escaped for people; behind each of `breaks` a line may end. */
static void print_text(FILE *out, const char *text, const char *breaks)
{
	for (; *text != '\0'; text++) {
		if (strchr("&<>\"'", *text) != NULL)
			fprintf(out, "&#%d;", *text);
		else
			putc_unlocked(*text, out);
		if (strchr(breaks, *text) != NULL)
			fputs("<wbr/>", out);
	}
}

void markup_text(FILE *out, const char *text)
{
	char shown[4 * REASON_LINE_SIZE];
	print_text(out, text_escape(text, shown, sizeof(shown)), "");
}

void markup_name(FILE *out, const char *name)
{
	char shown[4 * REASON_LINE_SIZE];
	print_text(out, text_escape(name, shown, sizeof(shown)), ".:/@");
}

void markup_count(FILE *out, int64_t count)
{
	enum { GROUP = 1000 };
	if (count < GROUP) {
		fprintf(out, "%lld", (long long)count);
		return;
	}
	markup_count(out, count / GROUP);
	fprintf(out, ",%03lld", (long long)(count % GROUP));
}

void markup_percent(FILE *out, int64_t part, int64_t whole)
{
	char percent[TEXT_VALUE_SIZE];
	if (whole <= 0)
		return;
	int64_t tenths = (int64_t)((double)part / (double)whole * 1000 + 0.5);
	if (tenths == 0 && part > 0)
		fputs("&lt;", out);
	text_decimal(tenths == 0 && part > 0 ? 1 : tenths, 10, percent);
	fprintf(out, "%s %%", percent);
}

void markup_counted(FILE *out, int64_t count, const char *noun)
{
	markup_count(out, count);
	fprintf(out, " %s%s", noun, text_plural(count));
}

void markup_span(FILE *out, int64_t ms)
{
	char span[TEXT_VALUE_SIZE];
	text_span(ms, span);
	fputs(span, out);
}

void markup_time(FILE *out, int64_t wall_ms)
{
	char utc[CLOCK_TEXT_SIZE];
	char local[CLOCK_TEXT_SIZE];
	clock_format_utc(wall_ms, utc);
	clock_format_minute(wall_ms, local);
	fprintf(out, "<time datetime=\"%s\">%s</time>", utc, local);
}

void markup_begin_sum(FILE *out, const char *name)
{
	fprintf(out, "<div><dt>%s</dt><dd>", name);
}

void markup_end_sum(FILE *out)
{
	fputs("</dd></div>\n", out);
}

void markup_sum(FILE *out, const char *name, int64_t count)
{
	markup_begin_sum(out, name);
	markup_count(out, count);
	markup_end_sum(out);
}

void markup_failures(FILE *out, const char *name, int64_t failures, int64_t calls)
{
	markup_begin_sum(out, name);
	markup_count(out, failures);
	fputs(failures > 0 ? " <small>" : "", out);
	if (failures > 0)
		markup_percent(out, failures, calls);
	fputs(failures > 0 ? "</small>" : "", out);
	markup_end_sum(out);
}
