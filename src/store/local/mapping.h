/*
 * mapping.h: keeps a truncated index from killing the call. SQLite keeps the log's
 * index in memory that is mapped from a file. If another program truncates the file
 * meanwhile, for example by restoring a backup over it, touching that memory raises
 * SIGBUS: see mmap(2). That may cost the store's work, but not the call.
 */
#ifndef CBRUN_STORE_LOCAL_MAPPING_H
#define CBRUN_STORE_LOCAL_MAPPING_H

#include <stdbool.h>

/* Does the work. False if it met memory without a file: it was left in the middle, what it holds is lost. */
bool mapping_guard(void (*work)(void *context), void *context);

#endif
