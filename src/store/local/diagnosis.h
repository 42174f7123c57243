/*
 * diagnosis.h: looks a local store over.
 */
#ifndef CBRUN_STORE_LOCAL_DIAGNOSIS_H
#define CBRUN_STORE_LOCAL_DIAGNOSIS_H

#include "store/store.h"

/* As store_diagnose(). */
bool diagnosis_run(const struct store_options *options, store_finding_visitor *visit, void *context,
             struct error *error);

#endif
