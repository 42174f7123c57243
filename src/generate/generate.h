/*
 * generate.h: what documents and completions take from the tables of options
 * and of subcommands. Each function prints one output; tests/tools/generated
 * puts it between the marks of a file that is checked in.
 */
#ifndef CBRUN_GENERATE_GENERATE_H
#define CBRUN_GENERATE_GENERATE_H

/* The OPTIONS of cbrun.1: those of a guarded run. */
void generate_options(void);

/* The keys and the presets of cbrun.conf.5. */
void generate_keys(void);
void generate_presets(void);

/* What came with which release: the HISTORY of cbrun.1, and "command|option NAME RELEASE" a line. */
void generate_history(void);
void generate_since(void);

/* The programs of its OUTCOMES OF PROGRAMS. */
void generate_programs(void);

/* The tables of the three completions. */
void generate_bash(void);
void generate_zsh(void);
void generate_fish(void);

/* One option a line, its name, its letter or "-", and where it is taken: what the tests compare the others
 * with. */
void generate_table(void);

#endif
