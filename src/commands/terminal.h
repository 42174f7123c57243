/*
 * terminal.h: what standard output can show, judging by what it is and by the environment.
 */
#ifndef CBRUN_COMMANDS_TERMINAL_H
#define CBRUN_COMMANDS_TERMINAL_H

#include "report/style.h"
#include "settings/options.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether it is a terminal. */
bool terminal_is_one(void);

/* Whether it is one that takes escape sequences. */
bool terminal_is_able(void);

/*
 * Colour as `when` says; if that is auto: none with NO_COLOR, some with CLICOLOR_FORCE, else on a terminal
 * that is able. The width is that of COLUMNS or the terminal.
 */
struct style terminal_style(enum colour_when when);

/* How many lines the terminal has; 0 if it does not say. */
size_t terminal_height(void);

#endif
