/*
 * nearest.h: finds which of several words a mistyped one was meant to be.
 */
#ifndef CBRUN_BASE_NEAREST_H
#define CBRUN_BASE_NEAREST_H

#include <stddef.h>

/* A search: the words are tried one after the other. */
struct nearest {
	const char *typed;
	size_t least;     /* a word at this distance, or farther, does not match */
	const char *word; /* the nearest so far, the first of several; NULL: none is near */
};

/* Begins a search for words that are at most `farthest` mistakes away from what was typed. */
void nearest_begin(struct nearest *n, const char *typed, size_t farthest);

/* Tries a word, which must live as long as the search. */
void nearest_try(struct nearest *n, const char *word);

#endif
