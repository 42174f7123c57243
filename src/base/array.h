/*
 * array.h: an array that grows. Its owner decides what it holds, and casts `items`
 * to a pointer to that.
 */
#ifndef CBRUN_BASE_ARRAY_H
#define CBRUN_BASE_ARRAY_H

#include <stddef.h>

/* Zeroed, it is empty. */
struct array {
	void *items;
	size_t count;
	size_t capacity; /* in items */
};

/*
 * Makes room for one more item of `item_size` bytes, the same for all, and
 * returns its address, for the caller to fill. NULL if out of memory: then the
 * array is as it was. Items may move.
 */
void *array_append(struct array *array, size_t item_size);

/* Frees the array, but not what its items point to. It is empty then. */
void array_free(struct array *array);

#endif
