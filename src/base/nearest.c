/* nearest.c: the distance between words. */
#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

enum { LONGEST = 32 };

/* Three lines of the table of distances from the beginnings of a to those of b. */
struct lines {
	size_t before[LONGEST + 1];
	size_t above[LONGEST + 1];
	size_t here[LONGEST + 1];
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The distance of the first i characters of a from the first j of b. */
static size_t cell(const struct lines *t, const char *a, const char *b, size_t i, size_t j)
{
	size_t best = t->above[j - 1] + (a[i - 1] != b[j - 1]);
	best = smaller(best, smaller(t->above[j], t->here[j - 1]) + 1);
	if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
		best = smaller(best, t->before[j - 2] + 1);
	return best;
}

/* How many characters are to be inserted, deleted, exchanged, or swapped with their neighbour, to come from a to b. */
static size_t distance(const char *a, const char *b)
{
	struct lines t = {0};
	size_t columns = strlen(b);
	if (strlen(a) > LONGEST || columns > LONGEST)
		return SIZE_MAX; /* like none of ours */
	for (size_t j = 0; j <= columns; j++)
		t.here[j] = t.above[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		memcpy(t.before, t.above, sizeof(t.before));
		memcpy(t.above, t.here, sizeof(t.above));
		t.here[0] = i;
		for (size_t j = 1; j <= columns; j++)
			t.here[j] = cell(&t, a, b, i, j);
	}
	return t.here[columns];
}

void nearest_begin(struct nearest *n, const char *typed, size_t farthest)
{
	*n = (struct nearest){.typed = typed, .least = farthest + 1};
}

void nearest_try(struct nearest *n, const char *word)
{
	size_t far = distance(n->typed, word);
	if (far >= n->least)
		return;
	n->least = far;
	n->word = word;
}
