/*
 * fuzz_codec.c: the bytes of a breaker, and of an event, as they lie in a
 * store. What can be read is written and read again as the same, can be shown,
 * and goes on as a breaker must.
 */
#include "fuzz/fuzz.h"

#include "report/event.h"
#include "report/board.h"
#include "report/portrait.h"
#include "report/snapshot.h"
#include "settings/describe.h"
#include "store/codec.h"
#include "unit/walk.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 48 };

/* Holds: the text is one JSON value. Frees it. */
static void check_json(char *text)
{
	json_t *value = json_loads(text, 0, NULL);
	HOLDS(value != NULL);
	json_decref(value);
	free(text);
}

/* Holds: every line can be shown. Frees the text. */
static void check_lines(char *text)
{
	char *rest = text;
	char *line;
	while ((line = strsep(&rest, "\n")) != NULL)
		fuzz_check_shown(line);
	free(text);
}

/* What a printer of a snapshot, or of an event, has to do with. */
static char *printed(void (*print)(FILE *out, const void *what), const void *what)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	HOLDS(out != NULL);
	print(out, what);
	HOLDS(fclose(out) == 0);
	return text;
}

static void print_snapshot_json(FILE *out, const void *what)
{
	HOLDS(snapshot_print_json(out, what));
}

static void print_snapshot_text(FILE *out, const void *what)
{
	struct table table = {0};
	HOLDS(snapshot_add_headings(&table) && snapshot_add_row(&table, what));
	table_print(out, &table, false, 0);
	table_free(&table);
}

static void print_board(FILE *out, const void *what)
{
	struct board board = {0};
	HOLDS(board_add(&board, what));
	board_print(out, &board, &(struct style){.width = 80});
	board_free(&board);
}

static void print_portrait(FILE *out, const void *what)
{
	struct portrait p = {.s = *(const struct snapshot *)what};
	HOLDS(portrait_print(out, &p, &(struct style){.width = 80}));
	past_free(&p.past);
}

static void print_event_json(FILE *out, const void *what)
{
	HOLDS(event_print_json(out, NULL, what));
}

static void print_event_text(FILE *out, const void *what)
{
	event_print_text(out, NULL, what);
}

static void check_shown(const struct breaker *b)
{
	struct snapshot s = {.name = "api", .breaker = *b, .at = b->timeline.anchor};
	describe_difference(&b->policy, "other", &b->other_policy, s.disagreement);
	check_json(printed(print_snapshot_json, &s));
	check_lines(printed(print_snapshot_text, &s));
	s.at = (struct instant){.boot_ms = 1000000, .wall_ms = INT64_C(1800000000000), .boot_id = 1};
	check_json(printed(print_snapshot_json, &s));
	check_lines(printed(print_board, &s));
	check_lines(printed(print_portrait, &s));
}

/* However it came to be, it keeps the rules from here on; and what it becomes can be read again. */
static void check_walk(const struct breaker *b, uint64_t seed)
{
	static struct walk w;
	struct unit u = {0};
	struct rng rng = {.state = seed};
	uint8_t bytes[CODEC_BREAKER_SIZE];
	struct breaker again;
	walk_resume(&w, &u, &rng, b);
	for (int i = 0; i < STEPS && u.failures == 0; i++)
		walk_step(&w);
	fputs(u.notes, stderr);
	HOLDS(u.failures == 0);
	/* at the end of its clock, after a thousand years and more, it may be refused */
	size_t length = codec_encode_breaker(&w.b, bytes);
	HOLDS(w.b.timeline.clock_ms > INT64_C(1) << 45 ||
	      codec_decode_breaker(&again, bytes, length) == CODEC_OK);
}

static void check_breaker(const uint8_t *data, size_t size)
{
	static struct breaker b;
	static struct breaker again;
	static uint8_t bytes[CODEC_BREAKER_SIZE];
	static uint8_t bytes_again[CODEC_BREAKER_SIZE];
	uint64_t seed = size;
	if (codec_decode_breaker(&b, data, size) != CODEC_OK)
		return;
	size_t length = codec_encode_breaker(&b, bytes);
	HOLDS(length <= sizeof(bytes));
	HOLDS(codec_decode_breaker(&again, bytes, length) == CODEC_OK);
	/* by what is written: what the log of failures does not hold is left as it was */
	HOLDS(codec_encode_breaker(&again, bytes_again) == length);
	HOLDS(memcmp(bytes, bytes_again, length) == 0);
	check_shown(&b);
	for (size_t i = 0; i < size; i++)
		seed = seed * 31 + data[i];
	check_walk(&b, seed);
}

static void check_event(const uint8_t *data, size_t size)
{
	struct event e;
	struct event again;
	uint8_t bytes[CODEC_EVENT_SIZE];
	if (!codec_decode_event(&e, data, size))
		return;
	size_t length = codec_encode_event(&e, bytes);
	HOLDS(length <= sizeof(bytes));
	HOLDS(codec_decode_event(&again, bytes, length));
	HOLDS(memcmp(&e, &again, sizeof(e)) == 0);
	check_json(printed(print_event_json, &e));
	check_lines(printed(print_event_text, &e));
}

/* Events in a row: as many as can be read are read back the same. */
static void check_row(const uint8_t *data, size_t size)
{
	struct event e;
	struct event again;
	uint8_t bytes[CODEC_EVENT_SIZE];
	size_t left = size;
	while (codec_next_event(&e, &data, &left)) {
		const uint8_t *next = bytes;
		size_t length = codec_append_event(&e, bytes);
		HOLDS(length <= sizeof(bytes));
		HOLDS(codec_next_event(&again, &next, &length));
		HOLDS(length == 0);
		HOLDS(memcmp(&e, &again, sizeof(e)) == 0);
		HOLDS(left < size);
		size = left;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_breaker(data, size);
	check_event(data, size);
	check_row(data, size);
	return 0;
}
