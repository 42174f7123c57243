/* words.c: commands. */
#include "store/redis/words.h"

#include <stdio.h>
#include <string.h>

void words_add_bytes(struct words *w, const void *bytes, size_t length)
{
	w->words[w->count] = bytes;
	w->lengths[w->count++] = length;
}

void words_add(struct words *w, const char *word)
{
	words_add_bytes(w, word, strlen(word));
}

void words_add_number(struct words *w, int64_t number)
{
	char *text = w->numbers[w->number_count++];
	snprintf(text, WORDS_NUMBER_SIZE, "%lld", (long long)number);
	words_add(w, text);
}
