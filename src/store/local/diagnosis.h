/*
 * diagnosis.h: examines a local store.
 */
#ifndef CBRUN_STORE_LOCAL_DIAGNOSIS_H
#define CBRUN_STORE_LOCAL_DIAGNOSIS_H

#include "store/store.h"

/* As store_diagnose(). */
bool diagnosis_run(const struct store_options *options, store_finding_visitor *visit, void *context,
             struct error *error);

/*
 * Whether that release of SQLite (3051002 for 3.51.2) has the defect of logs
 * that begin anew beside a checkpoint: sqlite.org/wal.html#walresetbug.
 */
bool diagnosis_has_reset_defect(int version);

#endif
