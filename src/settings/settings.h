/*
 * settings.h: gives every option the value that counts.
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
 * command line counts before the environment (CBRUN_OPTION), that before the
 * configuration, that before the preset, that before the defaults. Checks each
 * value, and what they mean together. Where that is the fault of a configuration
 * which is lenient, it counts as not there for this breaker, with a remark.
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

/* Whether anything beside the defaults says something of the breaker's policy. */
bool settings_have_policy(const struct settings *settings);

/*
 * For commands that bring no policy of their own: sets settings->policy to
 * `base`, with what the command line says over it.
 */
bool settings_resolve_over(struct settings *settings, const struct policy *base,
                           const struct command_line *line, struct error *error);

/*
 * Whether the command line, or where it is silent about that the environment,
 * asks for --quiet: for what is told before the settings are resolved, or
 * because they cannot be.
 */
bool settings_ask_for_quiet(const struct command_line *line);

/* How loud the messages shall be. */
enum message_level settings_level(const struct settings *settings);

#endif
