/*
 * diagnosis.h: looks a local store over; see store_examine().
 */
#ifndef CBRUN_STORE_LOCAL_DIAGNOSIS_H
#define CBRUN_STORE_LOCAL_DIAGNOSIS_H

#include "store/store.h"

/* As store_examine(). */
bool diagnosis_run(const struct store_options *options, store_finding_visitor *visit, void *context,
             struct error *error);

#endif
