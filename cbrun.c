/*
 * cbrun: a circuit breaker for any command, shared by all processes of a machine.
 *
 *   src/breaker/    the pattern itself, pure: no I/O, no clock, no allocation
 *     breaker         admit, record, and the operator's acts: the rules
 *     window          the recent outcomes that the rules look at
 *     policy          the numbers that the rules go by
 *     outcome         how a call ended, and what counts as a failure
 *     latency         how long calls take
 *     instant         the breaker's own clock
 *     event           reasons, and the journal of what happened
 *   src/store/      where breakers live between calls
 *     store           the interface
 *     local           the engine for one machine: SQLite and kernel locks
 *     handle          its files, opened and kept in order
 *     sqlite          the one file that knows SQLite
 *     mapping         surviving an index that is cut short
 *     schema          tables and migrations
 *     record          a breaker as bytes
 *     history         its events
 *     permits         locks that say which calls are running
 *     location, files paths, their safety, making and setting aside
 *     output          the last good output of each breaker
 *     examine         what `cbrun doctor` looks at
 *   src/process/    running a command
 *     process         from start to end: time limit, signals, exit status
 *     signals, spawn  taking and sending signals; vfork and exec
 *     streams, spool  input for several attempts, output held back
 *     tree            descendants that left the process group
 *   src/settings/   from words to values
 *     options         the one table of options
 *     settings        the layers: command line, environment, files, preset, defaults
 *     command_line, config, preset
 *     apply, values   parsing; durations, percentages, lists, signals
 *     describe        the way back to text
 *   src/replay/     the breaker over a trace or a history; prints nothing
 *     replay          the engine: calls and acts in, steps and a tally out
 *     running         its calls that are running
 *     trace           a trace, line by line
 *     recording       a breaker's history, to be played again
 *   src/report/     a breaker as text and JSON
 *     snapshot        one breaker at one moment; text, json, table, reason
 *     settings        the forms of `cbrun config`
 *   src/commands/   the forms of the command line
 *     run             the guarded run; read this first. Its steps:
 *     admission, attempts, instead, announce
 *     status, check, record, act, probe, config, doctor, history, remove, simulate, help
 *     command         what they share
 *   src/generate/   what documents and completions take from the tables
 *   src/base/       error, message, log, clock, text, decimal, identity, descriptors
 */
#include "base/descriptors.h"
#include "commands/command.h"

#include <string.h>

int main(int argc, char **argv)
{
	descriptors_guard();
	if (argc < 2) {
		command_print_overview(stderr);
		return EXIT_OWN_FAILURE;
	}
	const struct command *subcommand = command_find(argv[1]);
	if (subcommand != NULL)
		return command_run(subcommand, argc - 1, argv + 1);
	return command_run(&guard_command, argc, argv);
}
