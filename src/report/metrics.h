/*
 * metrics.h: what monitoring wants to know about breakers, in the formats of
 * Prometheus. The names are a contract, as those of JSON are.
 */
#ifndef CBRUN_REPORT_METRICS_H
#define CBRUN_REPORT_METRICS_H

#include "base/array.h"
#include "breaker/breaker.h"

#include <stdbool.h>
#include <stdio.h>

enum metrics_format {
	METRICS_TEXT, /* version 0.0.4, which node_exporter reads, too */
	METRICS_OPENMETRICS,
};

/*
 * The formats want each family of metrics in one piece, for all breakers in turn, so
 * what they say about each breaker is kept: some hundred bytes. Zeroed, except for
 * the engine, there are none yet.
 */
struct metrics {
	const char *engine;   /* the store's; NULL: there is no store */
	struct array samples; /* struct metrics_sample, of metrics.c */
};

/*
 * Adds a breaker as it is at that moment. `running` of its calls are running; the next
 * success is expected within expected_ms, 0 = unknown. False if out of memory.
 */
bool metrics_add(struct metrics *m, const char *name, const struct breaker *b, const struct instant *at,
                 int64_t running, int64_t expected_ms);

/* Writes them all. Whether that worked, ferror(3) tells. */
void metrics_print(FILE *out, const struct metrics *m, enum metrics_format format);

/* Forgets and frees the breakers. */
void metrics_free(struct metrics *m);

#endif
