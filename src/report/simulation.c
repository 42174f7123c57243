/* simulation.c: a simulation in words. */
#include "report/simulation.h"

#include "base/text.h"
#include "report/reason.h"

enum { ESCAPED_SIZE = 512 };

void simulation_note(struct simulation *s, const struct journal *journal)
{
	for (int i = 0; i < journal->count; i++) {
		const struct event *event = &journal->events[i];
		if (event->kind != EVENT_TRANSITION)
			continue;
		if (s->transitions < SIMULATION_SHOWN)
			s->first[s->transitions] = *event;
		s->transitions++;
	}
}

static void print_calls(FILE *out, const struct simulation *s)
{
	char length[TEXT_VALUE_SIZE];
	text_duration(s->length_ms, length);
	fprintf(out, "Calls     %lld in %s\n", (long long)s->calls, length);
	fprintf(out, "Let in    %lld, of which %lld failed\n", (long long)s->let_in,
	        (long long)s->failures_let_in);
	if (s->rejected == 0)
		fputs("Rejected  none\n", out);
	else
		fprintf(out, "Rejected  %lld, of which %lld would have failed and %lld succeeded\n",
		        (long long)s->rejected, (long long)s->failures_rejected,
		        (long long)s->successes_rejected);
}

static void print_open(FILE *out, const struct simulation *s)
{
	char open[TEXT_VALUE_SIZE];
	text_duration(s->open_ms, open);
	if (s->opened == 0)
		fputs("Open      never\n", out);
	else if (s->opened == 1)
		fprintf(out, "Open      once, for %s in all\n", open);
	else
		fprintf(out, "Open      %lld times, for %s in all\n", (long long)s->opened, open);
}

/* Nobody has written anything of the reasons: an act in a simulation has none. */
static void print_transition(FILE *out, const struct event *event)
{
	char at[TEXT_VALUE_SIZE];
	char reason[REASON_LINE_SIZE];
	text_duration(event->wall_ms, at);
	reason_format(&event->reason, reason);
	fprintf(out, "%10s  %s -> %s (%s)\n", at, breaker_state_name(event->from),
	        breaker_state_name(event->to), reason);
}

void simulation_print(FILE *out, const struct simulation *s)
{
	int64_t shown = s->transitions < SIMULATION_SHOWN ? s->transitions : SIMULATION_SHOWN;
	int64_t more = s->transitions - shown;
	if (s->calls == 0)
		fputs("Calls     none\n", out);
	else
		print_calls(out, s);
	if (s->calls > 0 || s->opened > 0)
		print_open(out, s);
	if (shown > 0)
		fputc('\n', out);
	for (int64_t i = 0; i < shown; i++)
		print_transition(out, &s->first[i]);
	if (more > 0)
		fprintf(out, "%10s  and %lld more transition%s\n", "", (long long)more, more > 1 ? "s" : "");
}

static const char *times(int64_t n, char text[TEXT_VALUE_SIZE])
{
	snprintf(text, TEXT_VALUE_SIZE, "%lld", (long long)n);
	return text;
}

static void print_row(FILE *out, const char *what, int64_t one, int64_t other)
{
	char text[TEXT_VALUE_SIZE];
	fprintf(out, "%-22s %10s", what, times(one, text));
	fprintf(out, "  %10s\n", times(other, text));
}

void simulation_print_beside(FILE *out, const struct simulation *s, const struct simulation *other, const char *options)
{
	char text[TEXT_VALUE_SIZE];
	char escaped[ESCAPED_SIZE];
	fprintf(out, "%-22s %10s  with %s\n", "", "as it is", text_escape(options, escaped, sizeof(escaped)));
	print_row(out, "Calls", s->calls, other->calls);
	print_row(out, "Let in", s->let_in, other->let_in);
	print_row(out, "  failed", s->failures_let_in, other->failures_let_in);
	print_row(out, "Rejected", s->rejected, other->rejected);
	print_row(out, "  would have failed", s->failures_rejected, other->failures_rejected);
	print_row(out, "  would have succeeded", s->successes_rejected, other->successes_rejected);
	print_row(out, "Opened", s->opened, other->opened);
	text_duration(s->open_ms, text);
	fprintf(out, "%-22s %10s", "Open for", text);
	text_duration(other->open_ms, text);
	fprintf(out, "  %10s\n", text);
}
