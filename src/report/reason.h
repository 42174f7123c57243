/*
 * reason.h: the breaker's reasons and rejections in words.
 */
#ifndef CBRUN_REPORT_REASON_H
#define CBRUN_REPORT_REASON_H

#include "breaker/breaker.h"

enum { REASON_LINE_SIZE = 512, REASON_RARITY_SIZE = 40 };

/* "5 consecutive failures"; "" for no reason. What a person wrote is in it as it is: escape it for display.
 */
void reason_format(const struct reason *reason, char text[REASON_LINE_SIZE]);

/* So many calls, of which two digits mean something: "9,100". */
void reason_format_rarity(int64_t calls, char text[REASON_RARITY_SIZE]);

/*
 * Why a call was rejected: "open (5 consecutive failures), retry in 23s", or "not started: 1 of at most 1 is
 * running (pid 4711, for 2h10m)". running_ms is how long the process of the admission's running_pid has been
 * running; -1: it is not known, and that is left out.
 */
void reason_format_rejection(const struct admission *admission, int64_t running_ms, char text[REASON_LINE_SIZE]);

/* Why a call would be rejected, without saying when that ends: "open (5 consecutive failures)". */
void reason_format_state(const struct admission *admission, char text[REASON_LINE_SIZE]);

/* Why a call was ignored: "cancelled", "not started", "by --ignore-on"; NULL: it was not, or nobody knows. */
const char *reason_cause_name(enum ignored_cause cause);

/* Of a disabled breaker, who disabled it, and until when: "disabled by root: upgrade, for another 23m". */
void reason_format_disabled(const struct breaker *b, int64_t now_ms, char text[REASON_LINE_SIZE]);

/* "normal", "held", "disabled" or, if the last call's policy was so, "shadow". */
const char *reason_mode_name(const struct breaker *b, int64_t now_ms);

#endif
