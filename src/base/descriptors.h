/*
 * descriptors.h: standard descriptors that were closed when cbrun began.
 */
#ifndef CBRUN_BASE_DESCRIPTORS_H
#define CBRUN_BASE_DESCRIPTORS_H

/*
 * If 0, 1 or 2 is closed, puts /dev/null there, or if that is missing something
 * that can be neither read nor written, so that no file of ours gets that number
 * and is taken for standard output. Close-on-exec: the command finds
 * them closed, as it would without cbrun.
 */
void descriptors_guard(void);

#endif
