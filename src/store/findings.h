/*
 * findings.h: reports what an engine's diagnosis finds; for engines.
 */
#ifndef CBRUN_STORE_FINDINGS_H
#define CBRUN_STORE_FINDINGS_H

#include "store/store.h"

/* Who is told, see store_diagnose(). */
struct findings {
	store_finding_visitor *visit;
	void *context;
};

__attribute__((format(printf, 3, 4))) void findings_tell(const struct findings *findings, bool good,
                                                         const char *format, ...);

#endif
