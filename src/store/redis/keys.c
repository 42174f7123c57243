/* keys.c: names of keys. */
#include "store/redis/keys.h"

#include <stdio.h>

void keys_of(struct keys *keys, const char *prefix, const char *name)
{
	static const char *const kinds[KEYS_KINDS] = {"breaker", "running", "trials", "events"};
	for (int i = 0; i < KEYS_KINDS; i++)
		snprintf(keys->texts[i], KEYS_SIZE, "%s{%s}:%s", prefix, name, kinds[i]);
}

void keys_of_names(char key[KEYS_SIZE], const char *prefix)
{
	snprintf(key, KEYS_SIZE, "%snames", prefix);
}

void keys_add(const struct keys *keys, enum keys_kind first, enum keys_kind last, struct words *words)
{
	words_add_number(words, (int64_t)last - (int64_t)first + 1);
	for (int i = (int)first; i <= (int)last; i++)
		words_add(words, keys->texts[i]);
}
