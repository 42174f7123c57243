/*
 * cbrun: a circuit breaker for any command, shared by all processes of a machine.
 *
 *   src/breaker/    the pattern itself, pure: no I/O, no clock, no allocation
 *     breaker         admit and record: the rules
 *     by_hand         the operator's acts
 *     passage         a step, and its passages from state to state
 *     window          the recent outcomes that the rules look at
 *     policy          the numbers that the rules go by
 *     outcome         how a call ended, and what counts as a failure
 *     latency         how long calls take
 *     recent          how the last of them ended
 *     timeline        the breaker's own clock
 *     cadence         how often it is called
 *     cusum           --failures auto: what is too rare for a healthy service
 *     journal         states, reasons, and what a step brought forth
 *   src/replay/     the breaker over a trace or a history, without output
 *     replay          the engine: calls and acts in, steps and a tally out
 *     running         its calls that are running
 *     trace           a trace, line by line
 *     recording       a breaker's history, to be replayed
 *     whatif          the same under other policies
 *     tune            and under very many, to find the cheapest
 *   src/store/      where breakers live between calls
 *     store, engine   the interface, and what an engine must do
 *     codec           a breaker as bytes, the same for every engine; walk: its numbers
 *     needed          what is found of the breakers that a call needs
 *     findings        what a diagnosis finds
 *   src/store/local/  the engine for one machine: SQLite and kernel locks
 *     local           the engine
 *     step, listing   a step as a transaction; going through all
 *     connection      the database, opened and looked at
 *     readers         those who only look, and hold off checkpoints
 *     checkpoint      the log copied into the database
 *     repair          makes the database, sets a damaged one aside
 *     sqlite, vfs     the two files that know SQLite; vfs: how it uses the system
 *     index           when the log's index can be kept between calls
 *     mapping         surviving an index that is truncated
 *     schema, events  tables and migrations; the history
 *     needs           the breakers that a call needs
 *     permits         locks that say which calls are running
 *     queue           calls that wait for one
 *     lock, mount     locks on bytes of a file; what a file is mounted on
 *     location, files paths and their safety; making, putting into place
 *     origin          which files are cbrun's own
 *     kept_output     the last good output of each breaker, and failing ones
 *     orphans         outputs of breakers that are gone
 *     diagnosis       what `cbrun doctor` prints
 *   src/store/redis/  the engine for several hosts: a Redis server
 *     redis           the engine; missing: its stand-in without libhiredis
 *     step, script    a step on the server: compare and set; what it runs for that
 *     load, needs     what it has of a breaker, and of those that a call needs
 *     lease           a permit, which expires unless it is renewed
 *     listing         going through breakers, events, running calls
 *     own, memory     the host's own store instead; which server could not be used
 *     diagnosis       what `cbrun doctor` prints
 *     server, wire    questions and answers; a connection with deadlines
 *     address, password, keys, words
 *                     where it is; who we are; names of keys; commands
 *     surroundings    the host's name, and how long permits last
 *   src/process/    running a command
 *     supervisor      from start to end: time limit, signals, exit status
 *     launch, spawn   its pipes and descriptors; vfork and exec
 *     signals         taking, waiting for and sending signals
 *     hints           what the command reports about its outcome
 *     input           standard input that several attempts read
 *     capture, drain  output held back or kept; writing out the rest of it
 *     pipe, spool     what these two are made of
 *     tree            descendants that left the process group
 *   src/guard/      the guarded run, which brings these together and prints nothing
 *     guard           the walk of a call; read this first. Its parts:
 *     steps           admission and record
 *     attempts        running the command, and the health check before it
 *     rejection, fallback, delivery
 *                     what the caller gets instead; output held back or kept
 *     transitions, environment
 *                     reporting them, and running hooks
 *   src/settings/   from words to values
 *     options         the one table of options
 *     settings        the layers: command line, environment, files, preset, defaults
 *     command_line, config_file, preset
 *     programs        what exit statuses of well-known programs mean
 *     apply, values   parsing; durations, percentages, lists, signals
 *     times           moments as people write them
 *     name_fields     {host} and {command} in a name
 *     describe        the way back to text
 *   src/report/     a breaker as text, JSON and metrics
 *     snapshot        one breaker at one moment, as a row and as JSON; table
 *     standing        what breakers are sorted by
 *     board           the table for people at a terminal
 *     portrait        one breaker in full
 *     sketch, style   strips, sparklines and timelines; what the terminal can show
 *     frame           a text drawn over the one before; fold: on as many lines as it needs
 *     event           a line of the history
 *     simulation      a simulation in a few lines; picture: drawn over time
 *     chronicle       the histories of several, in order of time
 *     tuning          how other policies would have done
 *     explanation     what led to an incident, and what came of it
 *     why             that in sentences, and as JSON
 *     overdue         which breakers were not called, or did not succeed, in time
 *     metrics         what monitoring wants to know about them all
 *     effective       the forms of `cbrun config`
 *     reason, json_value  reasons in words; values as JSON
 *   src/report/page/  what they went through in a period, as a page of HTML
 *     page            the page and its summary
 *     survey          the breakers and their sums
 *     pass            from a breaker's events to bins, sums and incidents
 *     incidents       the newest of them
 *     rows, tables    the parts of the page; chart: a breaker's drawing
 *     markup, style   values as HTML; the style sheet
 *   src/commands/   the forms of the command line, a file each
 *     run             the guarded run
 *     telling         the words for what a guarded run has to report
 *     news            and for what a person wants to know about a breaker
 *     targets         the breakers that operands name: names, globs, --all
 *     suggest         what a mistyped subcommand was meant to be
 *     systemd         what systemd says about how a service ended
 *     help_outcomes   the table of programs for people
 *     look, watch     one look at the breakers, and looking again and again
 *     terminal        what standard output can show
 *     operator        what trip, reset, disable and enable have in common
 *     steps           a simulation as JSON
 *     command         what all share
 *   src/generate/   what documents and completions take from the tables
 *   src/base/       error, message, log, clock, alarm, watchdog, text, nearest, identity, trust, sha1,
 *                   descriptors, array, lines, decimal, http_date, units, processes, peer,
 *                   replacement, progress, signal_name
 */
#include "base/descriptors.h"
#include "commands/command.h"
#include "commands/help.h"

#include <string.h>

int main(int argc, char **argv)
{
	descriptors_guard();
	if (argc < 2) {
		help_print_overview(stderr);
		return EXIT_OWN_FAILURE;
	}
	const struct command *subcommand = command_find(argv[1]);
	if (subcommand != NULL)
		return command_run(subcommand, argc - 1, argv + 1);
	return command_run(&guard_command, argc, argv);
}
