/* look.c: the breakers as a table, in full, or as JSON. */
#include "commands/look.h"

#include "base/peer.h"
#include "base/text.h"
#include "report/portrait.h"
#include "report/snapshot.h"
#include "settings/describe.h"
#include "settings/values.h"

#include <stdlib.h>
#include <string.h>

/* What is shown later than it was read. */
struct item {
	struct standing standing;
	char *name;
	char *json; /* NULL if that was not asked for, or is printed already */
};

/* A look under way. */
struct looking {
	struct look *look;
	FILE *out;
	struct store *store;
	struct targets targets;
	struct table table;
	struct board board;
	struct array items; /* struct item */
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

static void take_snapshot(struct snapshot *s, const char *name, const struct breaker *b,
                          const struct instant *at, const struct load *load)
{
	*s = (struct snapshot){.breaker = *b, .at = *at, .load = *load};
	snprintf(s->name, sizeof(s->name), "%s", name);
	describe_policy(s);
	if (b->policy_turns > 0)
		describe_difference(&b->policy, "other", &b->other_policy, s->disagreement);
}

/* --- reading --- */

/* Counts it for the summary and the exit status. */
static void count(struct look *look, const struct snapshot *s, enum breaker_state state)
{
	int64_t now_ms = breaker_now_ms(&s->breaker, &s->at);
	bool down = breaker_is_down(&s->breaker, now_ms);
	look->counts.all++;
	look->counts.open += down && state == BREAKER_OPEN;
	look->counts.half_open += down && state == BREAKER_HALF_OPEN;
	look->counts.shadowed += !down && state != BREAKER_CLOSED;
	look->counts.disabled += breaker_mode_at(&s->breaker, now_ms) == MODE_DISABLED;
}

/* Whether it needs to be looked at: it is not closed, or somebody has disabled it. */
static bool is_unusual(const struct snapshot *s, enum breaker_state state)
{
	int64_t now_ms = breaker_now_ms(&s->breaker, &s->at);
	return state != BREAKER_CLOSED || breaker_mode_at(&s->breaker, now_ms) == MODE_DISABLED;
}

/* As text, for what has to be put in order first. */
static char *json_text(const struct snapshot *s)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool ok = out != NULL && snapshot_print_json(out, s);
	if (out != NULL && fclose(out) == 0 && ok)
		return text;
	free(text);
	return NULL;
}

static bool print_json(struct looking *l, const struct snapshot *s)
{
	fputs(l->printed++ > 0 ? "," : "", l->out);
	return snapshot_print_json(l->out, s);
}

static bool keep(struct looking *l, const struct snapshot *s, const struct standing *standing, bool json)
{
	struct item *item = array_append(&l->items, sizeof(*item));
	if (item == NULL)
		return false;
	*item = (struct item){
		.standing = *standing, .name = strdup(s->name), .json = json ? json_text(s) : NULL};
	return item->name != NULL && (!json || item->json != NULL);
}

static bool show(struct looking *l, const struct snapshot *s, const struct standing *standing)
{
	const struct settings *settings = &l->look->in->settings;
	/* by name, as they come, unless another order was asked for */
	bool in_order = !command_line_has(&l->look->in->line, "sort");
	if (settings->json)
		return in_order ? print_json(l, s) : keep(l, s, standing, true);
	if (!keep(l, s, standing, false))
		return false;
	return l->look->for_people ? board_add(&l->board, s) : snapshot_add_row(&l->table, s);
}

static bool visit(void *context, const struct store_view *view)
{
	struct looking *l = context;
	struct snapshot s;
	if (!targets_want(&l->targets, view->name))
		return true;
	take_snapshot(&s, view->name, view->breaker, &view->now, &view->load);
	struct standing standing = standing_of(view->breaker, &view->now);
	count(l->look, &s, standing.state);
	if (l->look->in->settings.open && !is_unusual(&s, standing.state))
		return true;
	l->ok = show(l, &s, &standing);
	if (!l->ok)
		error_set(l->error, ERROR_SYSTEM, "cannot show the breakers: out of memory");
	return l->ok;
}

static int compare_items(const void *a, const void *b, void *key)
{
	const struct item *one = a;
	const struct item *other = b;
	return standing_compare(*(const enum standing_key *)key, &one->standing, one->name, &other->standing,
	                        other->name);
}

static void sort(struct looking *l)
{
	enum standing_key key = (enum standing_key)l->look->in->settings.sort;
	if (l->items.count > 1)
		qsort_r(l->items.items, l->items.count, sizeof(struct item), compare_items, &key);
	table_sort(&l->table, key);
	board_sort(&l->board, key);
}

/* --- in full --- */

static bool take_event(void *context, const struct event *event)
{
	return past_add(context, event);
}

/* Reads the history, or what is new of it since the look before. */
static bool read_past(struct looking *l, const char *name, int64_t incarnation)
{
	struct memory *memory = &l->look->memory;
	if (strcmp(memory->name, name) != 0 || memory->incarnation != incarnation) {
		look_free(l->look);
		snprintf(memory->name, sizeof(memory->name), "%s", name);
		memory->incarnation = incarnation;
	}
	return store_each_event_after(l->store, name, memory->past.last_seq, take_event, &memory->past,
	                              l->error);
}

static void take_call(void *context, int64_t pid, bool trial)
{
	portrait_add_call(context, &(struct portrait_call){pid, peer_age_ms(pid), trial});
}

/* In what the breaker's policy is another than what this command line, environment and configuration would
 * make it. */
static bool compare_policy(struct looking *l, struct portrait *p)
{
	struct invocation *in = l->look->in;
	struct settings before = in->settings;
	enum message_level level = in->level;
	bool ok = command_resolve_for(in, p->s.name, l->error);
	if (ok)
		describe_difference(&p->s.breaker.policy, "here", &in->settings.policy, p->difference);
	in->settings = before;
	in->level = level;
	return ok;
}

/* Reads all of it, and prints it then. */
static bool print_in_full(struct looking *l, const char *name)
{
	struct portrait p = {0};
	struct store_step step;
	struct breaker b;
	struct load load;
	bool ok = store_look(l->store, name, &step, &b, l->error);
	if (!ok || !step.found) /* it was removed meanwhile */
		return ok;
	ok = store_each_running(l->store, name, take_call, &p, &load, l->error) &&
	     read_past(l, name, step.incarnation);
	take_snapshot(&p.s, name, &b, &step.now, &load);
	ok = ok && compare_policy(l, &p);
	p.past = l->look->memory.past;
	if (ok) {
		fputs(l->printed++ > 0 ? "\n" : "", l->out);
		ok = portrait_print(l->out, &p, &l->look->style) ||
		     error_set(l->error, ERROR_SYSTEM, "cannot show the breaker: out of memory");
	}
	l->look->memory.past = p.past;
	return ok;
}

/* --- showing --- */

/* "3 of 212 are down, 1 of them half-open; 2 would be (shadow).", for who sees a screen of many. */
static void print_summary(const struct looking *l)
{
	const struct look *look = l->look;
	size_t all = look->counts.all;
	size_t down = look->counts.open + look->counts.half_open;
	if (all < 2)
		return;
	if (down > 0)
		fprintf(l->out, "%zu of %zu %s down", down, all, down == 1 ? "is" : "are");
	else if (look->counts.shadowed > 0)
		fprintf(l->out, "None of %zu is down", all);
	else
		fprintf(l->out, "All %zu are closed", all);
	if (look->counts.half_open > 0)
		fprintf(l->out, ", %zu of them half-open", look->counts.half_open);
	if (look->counts.shadowed > 0)
		fprintf(l->out, "; %zu would be (shadow)", look->counts.shadowed);
	if (look->counts.disabled > 0)
		fprintf(l->out, "; %zu %s disabled", look->counts.disabled, look->counts.disabled == 1 ? "is" : "are");
	fputs(".\n", l->out);
}

static void print_table(struct looking *l)
{
	const struct style *style = &l->look->style;
	if (l->look->for_people) {
		board_print(l->out, &l->board, style);
		print_summary(l);
	} else if (l->table.rows.count > 1) {
		table_print(l->out, &l->table, style->colour, style->width);
	}
}

/* One breaker that was asked for by its name, or a glob that only it matches; and with --long all. */
static bool wants_all(const struct looking *l)
{
	const struct look *look = l->look;
	bool one = look->in->line.operand_count > 0 && l->items.count == 1;
	return look->in->settings.in_full || (look->for_people && one);
}

static bool print_items(struct looking *l)
{
	const struct item *items = l->items.items;
	bool json = l->look->in->settings.json;
	for (size_t i = 0; i < l->items.count; i++) {
		if (json)
			fprintf(l->out, "%s%s", l->printed++ > 0 ? "," : "", items[i].json);
		else if (!print_in_full(l, items[i].name))
			return false;
	}
	return true;
}

static void tell_nothing(struct looking *l)
{
	struct invocation *in = l->look->in;
	size_t all = l->look->counts.all;
	if (all > 0 && l->look->for_people)
		print_summary(l);
	else if (l->look->steady && all == 0 && in->line.operand_count == 0)
		fputs("no breakers yet\n", l->out);
	else if (all == 0 && !command_tell_remarks(in, l->store) && in->line.operand_count == 0)
		message_print(in->level, MESSAGE_NORMAL, "no breakers yet");
}

/* A store that hosts share says so. */
static void begin_json(struct looking *l)
{
	const char *engine = l->store != NULL ? store_engine_name(l->store) : "sqlite";
	fputs("{\"schema\":1,", l->out);
	if (strcmp(engine, "sqlite") != 0)
		fprintf(l->out, "\"engine\":\"%s\",", engine);
	fputs("\"breakers\":[", l->out);
}

static bool list(struct looking *l, struct error *error)
{
	bool json = l->look->in->settings.json;
	bool ok = json || snapshot_add_headings(&l->table);
	if (json)
		begin_json(l);
	if (ok && l->store != NULL)
		ok = store_each_breaker(l->store, true, visit, l, error) && l->ok;
	/* before they are told, and gone */
	l->look->unclear = l->store != NULL && lines_get(store_remarks(l->store), 0) != NULL;
	sort(l);
	if (ok && (json || wants_all(l)))
		ok = print_items(l);
	else if (ok && l->items.count > 0)
		print_table(l);
	if (json)
		fputs("]}\n", l->out);
	else if (ok && l->items.count == 0)
		tell_nothing(l);
	return ok;
}

static void free_items(struct array *items)
{
	struct item *each = items->items;
	for (size_t i = 0; i < items->count; i++) {
		free(each[i].name);
		free(each[i].json);
	}
	array_free(items);
}

/* Of what was named and is not there. */
static bool tell_missing(struct looking *l)
{
	const struct command_line *line = &l->look->in->line;
	bool missing = false;
	if (!l->look->steady)
		return targets_tell_missing(&l->targets);
	for (int i = 0; i < line->operand_count; i++) {
		if (l->targets.seen[i])
			continue;
		missing = true;
		if (!l->look->in->settings.json)
			fprintf(l->out, "no breaker named '%s'\n", line->operands[i]);
	}
	return missing;
}

bool look_print(struct look *look, FILE *out, struct error *error)
{
	struct looking l = {.look = look, .out = out, .ok = true, .error = error};
	memset(&look->counts, 0, sizeof(look->counts));
	look->unclear = false;
	bool ok = targets_begin(&l.targets, look->in, true, error) &&
	          command_open_store(look->in, STORE_READ, &l.store, error) && list(&l, error);
	look->missing = ok && tell_missing(&l);
	command_close_store(look->in, l.store);
	table_free(&l.table);
	board_free(&l.board);
	free_items(&l.items);
	targets_free(&l.targets);
	return ok;
}

void look_free(struct look *look)
{
	past_free(&look->memory.past);
	look->memory = (struct memory){0};
}
