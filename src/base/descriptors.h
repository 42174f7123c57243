/*
 * descriptors.h: standard descriptors that were closed when cbrun began.
 */
#ifndef CBRUN_BASE_DESCRIPTORS_H
#define CBRUN_BASE_DESCRIPTORS_H

/*
 * Puts /dev/null, or where that is missing something that can be neither read
 * nor written, where 0, 1 or 2 is closed, so that no file of ours gets that
 * number and is taken for standard output. Close-on-exec: the command finds
 * them closed, as it would without cbrun.
 */
void descriptors_guard(void);

#endif
