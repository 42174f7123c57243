/*
 * settings.h: decides which value of each option counts.
 */
#ifndef CBRUN_SETTINGS_SETTINGS_H
#define CBRUN_SETTINGS_SETTINGS_H

#include "base/error.h"
#include "base/message.h"
#include "settings/command_line.h"
#include "settings/config_file.h"
#include "settings/options.h"

/*
 * Fills *settings for the breaker `name` (NULL: for none in particular). The
 * command line overrides the environment (CBRUN_OPTION), that overrides the
 * configuration, that the preset, that the defaults. Checks each value, and what
 * they mean together. If the values of a lenient configuration make no sense
 * together, it is ignored for this breaker, with a remark.
 */
bool settings_resolve(struct settings *settings, const struct command_line *line, struct config_files *config,
                      const char *name, struct error *error);

/* Visits each variable of the environment, "CBRUN_X=value", that begins as ours do but means nothing to cbrun. */
void settings_each_stranger(void (*visit)(void *context, const char *variable), void *context);
/*
 * Settles what --outcomes means for this command; NULL for none in particular.
 * Sets settings->program and what the rules know of it.
 */
void settings_meet_command(struct settings *settings, const char *command);

/* The configuration file that the command line or the environment names; NULL = the usual ones. */
const char *settings_config_file(const struct command_line *line);

/* Whether anything but the defaults sets part of the breaker's policy. */
bool settings_have_policy(const struct settings *settings);

/*
 * For commands that bring no policy of their own: sets settings->policy to
 * `base`, as overridden by the command line.
 */
bool settings_resolve_over(struct settings *settings, const struct policy *base,
                           const struct command_line *line, struct error *error);

/*
 * Whether the command line, or if it does not say, the environment asks for
 * --quiet: for messages before the settings are resolved, or when they cannot be.
 */
bool settings_ask_for_quiet(const struct command_line *line);

/* Which messages to print. */
enum message_level settings_level(const struct settings *settings);

#endif
