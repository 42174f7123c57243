/*
 * findings.h: reports what an engine's diagnosis finds; for engines.
 */
#ifndef CBRUN_STORE_FINDINGS_H
#define CBRUN_STORE_FINDINGS_H

#include "base/array.h"
#include "store/store.h"

/* Who is told, see store_diagnose(). */
struct findings {
	store_finding_visitor *visit;
	void *context;
};

/* Findings that are told later. Zeroed, there are none. */
struct findings_kept {
	struct array items; /* struct finding */
	bool full;          /* out of memory: some are lost */
};

/* A store_finding_visitor that keeps what it is told. */
void findings_keep(void *kept, bool good, const char *finding);

/* Tells what was kept, and forgets it. */
void findings_hand_on(struct findings_kept *kept, const struct findings *to);

/* Forgets and frees all. */
void findings_forget(struct findings_kept *kept);

__attribute__((format(printf, 3, 4))) void findings_tell(const struct findings *findings, bool good,
                                                         const char *format, ...);

#endif
