/* status.c: `cbrun status [NAME...]`: what the breakers are doing. Changes nothing. */
#include "base/text.h"
#include "commands/targets.h"
#include "report/snapshot.h"
#include "settings/describe.h"
#include "settings/values.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct listing {
	struct invocation *in;
	struct store *store;
	struct table table;
	size_t down[3]; /* how many are in each state */
	struct targets targets;
	size_t printed;
	bool ok;
	struct error *error;
};

/* The policy as option names and values, from the table of options. */
static void describe_policy(struct snapshot *s)
{
	struct settings settings = {.policy = s->breaker.policy};
	for (size_t i = 0; i < option_count && s->policy_count < POLICY_VALUES; i++) {
		const struct option_row *row = &option_rows[i];
		if (!option_is_policy(row))
			continue;
		struct policy_value *value = &s->policy[s->policy_count++];
		value->name = row->name;
		describe_value(row, &settings, value->text);
		if (row->kind == OPTION_FLAG)
			value->kind = POLICY_VALUE_BOOL;
		else if (row->kind == OPTION_DURATION && strcmp(value->text, "0s") == 0)
			value->kind = POLICY_VALUE_NONE;
		else if (value_is_number(value->text))
			value->kind = POLICY_VALUE_NUMBER;
		else
			value->kind = POLICY_VALUE_TEXT;
	}
}

static bool print_json(struct listing *listing, const struct snapshot *s)
{
	fputs(listing->printed++ > 0 ? "," : "", stdout);
	return snapshot_print_json(stdout, s);
}

static bool visit(void *context, const struct store_view *view)
{
	struct listing *listing = context;
	const struct breaker *b = view->breaker;
	struct snapshot s = {.breaker = *b, .at = view->now, .load = view->load};
	if (!targets_want(&listing->targets, view->name))
		return true;
	snprintf(s.name, sizeof(s.name), "%s", view->name);
	describe_policy(&s);
	if (b->policy_turns > 0)
		describe_difference(&b->policy, "other", &b->other_policy, s.disagreement);
	listing->down[breaker_state_at(b, breaker_now_ms(b, &view->now))]++;
	listing->ok =
		listing->in->settings.json ? print_json(listing, &s) : snapshot_add_row(&listing->table, &s);
	if (!listing->ok)
		error_set(listing->error, ERROR_SYSTEM, "cannot show the breakers: out of memory");
	return listing->ok;
}

static bool want_colour(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	bool dumb = term == NULL || strcmp(term, "dumb") == 0;
	return isatty(STDOUT_FILENO) && !dumb && (no_color == NULL || no_color[0] == '\0');
}

/* How wide the table may be: as COLUMNS says, or the terminal; 0 if nothing does. */
static size_t width_of_output(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	int64_t given;
	if (columns != NULL && value_count(columns, &given) && given > 0)
		return (size_t)given;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* "2 of 212 are open, 1 is half-open", for who sees a screen of many. */
static void print_summary(const struct listing *listing)
{
	const size_t *n = listing->down;
	size_t all = n[BREAKER_CLOSED] + n[BREAKER_OPEN] + n[BREAKER_HALF_OPEN];
	if (!isatty(STDOUT_FILENO) || all < 2)
		return;
	if (n[BREAKER_OPEN] + n[BREAKER_HALF_OPEN] == 0)
		printf("All %zu are closed.\n", all);
	else
		printf("%zu of %zu open, %zu half-open.\n", n[BREAKER_OPEN], all, n[BREAKER_HALF_OPEN]);
}

static void print_table(struct listing *listing)
{
	table_sort(&listing->table);
	table_print(stdout, &listing->table, want_colour(), width_of_output());
	print_summary(listing);
}

static bool list(struct listing *listing, struct error *error)
{
	bool json = listing->in->settings.json != 0;
	bool ok = json || snapshot_add_headings(&listing->table);
	if (json)
		fputs("{\"schema\":1,\"breakers\":[", stdout);
	if (ok && listing->store != NULL)
		ok = store_each_breaker(listing->store, true, visit, listing, error) && listing->ok;
	if (json)
		fputs("]}\n", stdout);
	else if (ok && listing->table.rows.count > 1)
		print_table(listing);
	else if (ok && !command_tell_remarks(listing->in, listing->store) && listing->in->line.operand_count == 0)
		message_print(listing->in->level, MESSAGE_NORMAL, "no breakers yet");
	return ok;
}

static int run(struct invocation *in, struct error *error)
{
	struct listing listing = {.in = in, .ok = true, .error = error};
	bool ok = targets_begin(&listing.targets, in, true, error) &&
	          command_open_store(in, STORE_READ, &listing.store, error) && list(&listing, error);
	bool missing = ok && targets_tell_missing(&listing.targets);
	command_close_store(in, listing.store);
	table_free(&listing.table);
	targets_free(&listing.targets);
	if (!ok)
		return -1;
	return missing ? EXIT_NO_BREAKER : 0;
}

const struct command status_command = {
	.name = "status",
	.arguments = "[NAME...]",
	.summary = "Show breakers: state, counts, and why",
	.scope = SCOPE_STATUS,
	.run = run,
};
