/*
 * words.h: a command for a server, word by word. It copies only numbers.
 */
#ifndef CBRUN_STORE_REDIS_WORDS_H
#define CBRUN_STORE_REDIS_WORDS_H

#include <stddef.h>
#include <stdint.h>

enum { WORDS_MAX = 40, WORDS_NUMBERS = 16, WORDS_NUMBER_SIZE = 24 };

/* Zeroed, it is empty. Do not copy it: it holds some of the words itself. */
struct words {
	int count;
	int number_count;
	const char *words[WORDS_MAX];
	size_t lengths[WORDS_MAX];
	char numbers[WORDS_NUMBERS][WORDS_NUMBER_SIZE];
};

void words_add(struct words *w, const char *word);
void words_add_bytes(struct words *w, const void *bytes, size_t length);
void words_add_number(struct words *w, int64_t number);

#endif
