/* array.c: doubling. */
#include "base/array.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 16 };

void *array_append(struct array *array, size_t item_size)
{
	if (array->count == array->capacity) {
		size_t capacity = array->capacity > 0 ? 2 * array->capacity : FIRST_CAPACITY;
		void *items = reallocarray(array->items, capacity, item_size);
		if (items == NULL)
			return NULL;
		array->items = items;
		array->capacity = capacity;
	}
	return (char *)array->items + array->count++ * item_size;
}

void array_free(struct array *array)
{
	free(array->items);
	*array = (struct array){0};
}
