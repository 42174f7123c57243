/* terminal.c: the variables that people have agreed on. */
#include "commands/terminal.h"

#include "settings/values.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_is_one(void)
{
	return isatty(STDOUT_FILENO);
}

bool terminal_is_able(void)
{
	const char *term = getenv("TERM");
	return terminal_is_one() && term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);
	return value != NULL && value[0] != '\0';
}

static bool want_colour(enum colour_when when)
{
	const char *force = getenv("CLICOLOR_FORCE");
	if (when != COLOUR_AUTO)
		return when == COLOUR_ALWAYS;
	if (is_set("NO_COLOR"))
		return false;
	return terminal_is_able() || (is_set("CLICOLOR_FORCE") && strcmp(force, "0") != 0);
}

/* As setlocale(3) would find it, which a static program cannot ask. */
static bool has_utf8(void)
{
	const char *locale = is_set("LC_ALL")     ? getenv("LC_ALL")
	                     : is_set("LC_CTYPE") ? getenv("LC_CTYPE")
	                                          : getenv("LANG");
	return locale != NULL && (strcasestr(locale, "UTF-8") != NULL || strcasestr(locale, "utf8") != NULL);
}

static struct winsize size_of_terminal(void)
{
	struct winsize size;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size : (struct winsize){0};
}

static size_t width(void)
{
	const char *columns = getenv("COLUMNS");
	int64_t given;
	if (columns != NULL && value_count(columns, &given) && given > 0)
		return (size_t)given;
	return size_of_terminal().ws_col;
}

struct style terminal_style(enum colour_when when)
{
	return (struct style){.colour = want_colour(when), .utf8 = has_utf8(), .width = width()};
}

size_t terminal_height(void)
{
	return size_of_terminal().ws_row;
}
