/* tuning.c: the table, the lines to paste, the reservations; and the same as JSON. */
#include "report/tuning.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "report/json_value.h"

bool tuning_is_enough(const struct tuning *t)
{
	return t->runs >= TUNING_ENOUGH_RUNS && t->failures >= TUNING_ENOUGH_FAILURES;
}

static bool is_present_best(const struct tuning *t)
{
	return t->best_count == 0 || t->present.cost <= t->best[0].cost;
}

static void print_row(FILE *out, const char *mark, const struct tuning_row *row)
{
	char open[TEXT_VALUE_SIZE];
	text_span(row->open_ms, open);
	fprintf(out, "%4s %7lld %7lld %8lld %9lld %7lld %7s  ", mark, (long long)row->cost, (long long)row->failures_run,
	        (long long)row->failures_avoided, (long long)row->successes_rejected, (long long)row->opened, open);
	for (size_t i = 0; i < row->change_count; i++)
		fprintf(out, "%s%s %s", i > 0 ? ", " : "", row->changes[i].option, row->changes[i].value);
	fputs(row->change_count == 0 ? "as it is\n" : "\n", out);
}

static void print_table(FILE *out, const struct tuning *t)
{
	fputs("        COST  FAILED  AVOIDED  REJECTED  OPENED    OPEN  POLICY\n", out);
	for (size_t i = 0; i < t->best_count; i++) {
		char rank[TEXT_VALUE_SIZE];
		snprintf(rank, sizeof(rank), "%zu", i + 1);
		print_row(out, t->best[i].change_count == 0 ? "now" : rank, &t->best[i]);
		if (t->best[i].change_count == 0)
			return; /* what follows is no better */
	}
	print_row(out, "now", &t->present);
}

static void print_lines(FILE *out, const struct tuning *t)
{
	if (is_present_best(t)) {
		fputs("\nNothing that was tried would have cost less than the policy as it is.\n", out);
		return;
	}
	fprintf(out, "\n[breaker %s]\n", t->name);
	for (size_t i = 0; i < t->line_count; i++)
		fprintf(out, "%s = %s\n", t->lines[i].option, t->lines[i].value);
}

/* How those that have no outcome are treated. */
static void print_rejected(FILE *out, const struct tuning *t)
{
	int64_t left = t->rejected - t->supposed;
	if (t->rejected == 0)
		return;
	fprintf(out, "%lld call%s rejected, and nobody knows how %s would have ended: ", (long long)t->rejected,
	        t->rejected == 1 ? " was" : "s were", t->rejected == 1 ? "it" : "they");
	if (t->supposed > 0)
		fprintf(out,
		        "%lld %s played as the next trial call says: as failures if it failed, else the first half as failures%s",
		        (long long)t->supposed, t->supposed == 1 ? "is" : "are", left > 0 ? "; " : ".\n");
	if (left > 0 && t->supposed > 0)
		fprintf(out, "%lld ", (long long)left);
	if (left > 0)
		fprintf(out, "%s left out, so outages look shorter than they were.\n",
		        t->supposed > 0 ? left == 1 ? "is" : "are" : left == 1 ? "it is" : "they are");
}

static void print_reservations(FILE *out, const struct tuning *t)
{
	fprintf(out,
	        "\nCost: %lld for each run that failed, %lld for each that was rejected and would have succeeded (REJECTED), %lld "
	        "for each time that it opened.\n",
	        (long long)t->cost_failure, (long long)t->cost_rejected, (long long)t->cost_opening);
	print_rejected(out, t);
	fputs("The best of so many policies looks better on the runs that it was chosen by than it will on others.\n", out);
	if (!tuning_is_enough(t))
		fprintf(out,
		        "%lld run%s with %lld failure%s are too few to choose by; some %d runs with %d failures would do.\n",
		        (long long)t->runs, text_plural(t->runs), (long long)t->failures, text_plural(t->failures), TUNING_ENOUGH_RUNS,
		        TUNING_ENOUGH_FAILURES);
}

void tuning_print_text(FILE *out, const struct tuning *t)
{
	char since[CLOCK_TEXT_SIZE];
	if (t->runs == 0) {
		fprintf(out, "%s: no run is recorded, so there is nothing to go by.\n", t->name);
		return;
	}
	clock_format_local(t->since_wall_ms, since);
	fprintf(out, "%s: %lld run%s recorded since %s, of which %lld failed, under %zu policies:\n\n", t->name,
	        (long long)t->runs, text_plural(t->runs), since, (long long)t->failures, t->tried);
	print_table(out, t);
	print_lines(out, t);
	print_reservations(out, t);
}

static json_t *changes_object(const struct tuning_change *changes, size_t count)
{
	json_t *object = json_object();
	for (size_t i = 0; i < count; i++)
		json_object_set_new(object, changes[i].option, json_string(changes[i].value));
	return object;
}

static json_t *row_object(const struct tuning_row *row)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "cost", (json_int_t)row->cost, "failures_run",
	                 (json_int_t)row->failures_run, "failures_avoided", (json_int_t)row->failures_avoided,
	                 "successes_rejected", (json_int_t)row->successes_rejected, "opened", (json_int_t)row->opened,
	                 "open_seconds", json_value_seconds(row->open_ms, MS_PER_S), "changes",
	                 changes_object(row->changes, row->change_count));
}

bool tuning_print_json(FILE *out, const struct tuning *t)
{
	json_t *best = json_array();
	for (size_t i = 0; i < t->best_count; i++)
		json_array_append_new(best, row_object(&t->best[i]));
	json_t *cost = json_pack("{s:I, s:I, s:I}", "failure", (json_int_t)t->cost_failure, "success_rejected",
	                         (json_int_t)t->cost_rejected, "opening", (json_int_t)t->cost_opening);
	return json_value_print(out, json_pack("{s:s, s:I, s:I, s:I, s:I, s:o, s:b, s:I, s:o, s:o, s:o, s:o}", "name", t->name, "runs",
	                                       (json_int_t)t->runs, "failures", (json_int_t)t->failures, "rejected",
	                                       (json_int_t)t->rejected, "rejected_supposed",
	                                       (json_int_t)t->supposed, "since", json_value_time(t->since_wall_ms), "enough",
	                                       (int)tuning_is_enough(t), "policies", (json_int_t)t->tried, "cost", cost,
	                                       "best", best, "present", row_object(&t->present), "config",
	                                       changes_object(t->lines, t->line_count)));
}
