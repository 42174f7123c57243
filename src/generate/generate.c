/*
 * generate: prints what documents and completions take from the tables of the
 * program. The outputs are checked in; `make generated` writes them and
 * `make check-generated` proves that they are fresh.
 *
 *   mdoc        options, keys and presets, and programs' outcomes, for the manual pages
 *   bash, zsh, fish
 *   completion  what these three share
 *   table       the options as the tests read them
 *   history     what came with which release, for the manual page; since: as it is checked
 */
#include "generate/generate.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	void (*print)(void);
} outputs[] = {
	{"options", generate_options}, {"keys", generate_keys}, {"presets", generate_presets},
	{"programs", generate_programs},
	{"bash", generate_bash},       {"zsh", generate_zsh},   {"fish", generate_fish},
	{"table", generate_table},     {"history", generate_history}, {"since", generate_since},
};

int main(int argc, char **argv)
{
	size_t count = sizeof(outputs) / sizeof(outputs[0]);
	for (size_t i = 0; i < count && argc == 2; i++)
		if (strcmp(argv[1], outputs[i].name) == 0) {
			outputs[i].print();
			return fflush(stdout) == 0 ? 0 : 1;
		}
	fputs("usage: generate options|keys|presets|programs|bash|zsh|fish|table|history|since\n", stderr);
	return 2;
}
