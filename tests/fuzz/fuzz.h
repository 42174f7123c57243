/*
 * fuzz.h: what the fuzz targets share.
 *
 * A target is a function that takes any bytes and holds what comes of them
 * against what must always be so. libFuzzer looks for bytes that break it
 * (`make fuzz`); replay.c feeds it the seeds (`make seeds`, part of `make check`).
 */
#ifndef CBRUN_FUZZ_FUZZ_H
#define CBRUN_FUZZ_FUZZ_H

#include "base/error.h"
#include "settings/options.h"

#include <stddef.h>
#include <stdint.h>

/* The target: libFuzzer's name for it. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, with the place and the text of what does not hold. */
#define HOLDS(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

_Noreturn void fuzz_fail(const char *file, int line, const char *what);

/* The bytes as a string, up to the first NUL among them. The caller frees it. */
char *fuzz_text(const uint8_t *data, size_t size);

/* Holds: the text is valid UTF-8, and nothing in it makes a terminal do anything but show it. */
void fuzz_check_shown(const char *text);

/* Holds: the error says something, and as a message it is one line for a terminal. */
void fuzz_check_error(const struct error *error);

/* Holds: every value is within its bounds, and those of the policy survive the way to text and back. */
void fuzz_check_settings(const struct settings *settings);

#endif
