/* programs.c: the rows. */
#include "settings/programs.h"

#include "base/nearest.h"
#include "settings/values.h"

#include <string.h>

/* clang-format off: a row reads better in its own lines */
const struct program programs[] = {
	{.name = "curl",
	 .failure = "5-8,10-18,22,28,35,52,55,56,60,91,92,95,96",
	 .ignore = "1-4,9,19,21,23,25-27,36,37,41-43,45,48,49,53,54,58,59,63,65-69,71-74,77,78,82,93",
	 .note = "22, of --fail and --fail-with-body, is any HTTP status from 400 on: a page that does not exist as "
	         "well as a server in trouble. It counts; hints can tell them apart. Without these options such "
	         "answers are successes. 6 is a mistyped host as well as a resolver that is down",
	 .source = "curl(1) 7.88.1"},
	{.name = "wget",
	 .failure = "4,5,7,8",
	 .ignore = "1-3,6",
	 .note = "8 is any HTTP status from 400 on; it counts. 4 is a mistyped host as well as a network that is down",
	 .source = "wget(1) 1.21.3"},
	{.name = "ssh",
	 .failure = "255",
	 .ignore = "1-254",
	 .idle = "GVQ",
	 .valued = "BbcDEeFIiJLlmOopQRSWw",
	 .note = "1 to 254 is what the remote command exited with: the host was there. 255 is also a key or a user "
	         "that the host refuses, and an option that ssh does not know. With -G, -V or -Q it contacts "
	         "nobody: it runs even while the breaker is open, and is not counted",
	 .source = "ssh(1) OpenSSH 9.2"},
	{.name = "scp",
	 .failure = "255",
	 .ignore = "1",
	 .note = "255 is also a local file that does not exist. With -O, the old protocol, a host that is down is 1, "
	         "too, so nothing counts",
	 .source = "scp(1) OpenSSH 9.2, and by trial"},
	{.name = "sftp",
	 .failure = "255",
	 .ignore = "1",
	 .note = "255 is a connection that was not made, or lost; 1 is a command in a -b file that failed",
	 .source = "sftp(1) OpenSSH 9.2, and by trial"},
	{.name = "rsync",
	 .failure = "2,5,10-12,30,35,255",
	 .ignore = "1,3,4,19,20,23,25,126,127",
	 .success = "24",
	 .note = "23 is a path that does not exist or may not be read; it is printed, but does not count. 24 is a "
	         "source file that vanished meanwhile. 5 is a module that does not exist as well as a server that "
	         "has too many clients; it counts. Over ssh, a host that is down is 12 or 255",
	 .source = "rsync(1) 3.5.0, and by trial"},
	{.name = "git",
	 .failure = "128",
	 .ignore = "1,2,129",
	 .note = "128 is nearly everything: a host that is down, a repository that does not exist, a branch that is "
	         "mistyped. It counts. Guard what git calls instead: see EXAMPLES",
	 .source = "git(1) 2.39.5, and by trial"},
	{.name = "psql",
	 .failure = "2",
	 .ignore = "1,3",
	 .note = "2 is also a database or a user that does not exist. An error in a script from -f or standard "
	         "input is 0, unless -v ON_ERROR_STOP=1 makes it 3",
	 .source = "psql(1) 15"},
	{.name = "pg_dump", .also = "pg_dumpall pg_restore",
	 .failure = "1",
	 .note = "1 is everything, mistyped tables too. Run pg_isready first to see whether the server is there",
	 .source = "pg_dump(1) 15, and by trial"},
	{.name = "pg_isready",
	 .failure = "1,2",
	 .ignore = "3",
	 .source = "pg_isready(1) 15"},
	{.name = "mysql", .also = "mariadb",
	 .failure = "1",
	 .ignore = "2",
	 .note = "1 is a server that is down as well as mistyped SQL; it counts. 2 is a mistyped option",
	 .source = "mysql(1) MariaDB 10.11, and by trial"},
	{.name = "redis-cli", .also = "valkey-cli",
	 .failure = "1",
	 .note = "An error reply from the server is 0. With -e it is 1, and counts, as do mistyped options",
	 .source = "redis-cli(1) 7.0.15, and by trial"},
	{.name = "restic",
	 .failure = "1",
	 .ignore = "3,10-12,130",
	 .note = "1 is a server that is down as well as a mistyped option; it counts. 3 is a source file that could not "
	         "be read. 10, 11 and 12 are a repository that does not exist, one that is locked, and a wrong "
	         "password; before 0.17 they are 1, too",
	 .source = "restic-backup(1) 0.14.0, and the manual of 0.18.1"},
	{.name = "borg",
	 .failure = "2,80,81,87",
	 .ignore = "3-6,10,13,15,40-53,70-75,83",
	 .success = "1,100-127",
	 .note = "1 and 100 to 127 are warnings. 2 is every error, mistyped options too; since 1.4, "
	         "BORG_EXIT_CODES=modern in the environment tells them apart",
	 .source = "borg(1) 1.2.4, and the source of 1.4"},
	{.name = "rclone",
	 .failure = "5,7",
	 .ignore = "3,4,8,10",
	 .success = "9",
	 .note = "1 and 2 are a mistake on the command line, and an error of another kind; versions before 1.69 have "
	         "them the other way round. Both count",
	 .source = "rclone(1) 1.60.1, and the source of 1.74"},
	{.name = "apt-get", .also = "apt",
	 .failure = "100",
	 .note = "100 is everything, mistyped packages too. An update that reaches no server is 0, unless "
	         "--error-on=any makes it 100",
	 .source = "apt-get(8) 2.6.1"},
	{.name = "dig",
	 .failure = "9",
	 .ignore = "1,8,10",
	 .note = "Every answer is 0, NXDOMAIN as well as SERVFAIL",
	 .source = "dig(1) 9.18"},
	{.name = "ping",
	 .failure = "1,2",
	 .note = "1 is no answer. 2 is a host without an address, a network without a route, and a mistyped option",
	 .source = "ping(8) iputils 20221126"},
	{.name = "monitoring-plugin", .also = "check_*",
	 .failure = "2",
	 .ignore = "3",
	 .success = "1",
	 .note = "1, a warning, means that the service is there. 3 is unknown: the check was called wrongly, or "
	         "could not be done",
	 .source = "the Monitoring Plugins Development Guidelines, and 2.3.3"},
};
/* clang-format on */

const size_t program_count = sizeof(programs) / sizeof(programs[0]);

int program_number(const char *word)
{
	if (strcmp(word, "none") == 0)
		return PROGRAM_NONE;
	if (strcmp(word, "auto") == 0)
		return PROGRAM_AUTO;
	for (size_t i = 0; i < program_count; i++)
		if (strcmp(programs[i].name, word) == 0)
			return PROGRAM_FIRST + (int)i;
	return -1;
}

const char *program_nearest(const char *word)
{
	struct nearest nearest;
	nearest_begin(&nearest, word, strlen(word) / 3 + 1);
	for (size_t i = 0; i < program_count; i++)
		nearest_try(&nearest, programs[i].name);
	return nearest.word;
}

/* Whether the name is among words with blanks between; one that ends in "*" is a beginning. */
static bool is_among(const char *words, const char *name)
{
	while (words != NULL && *words != '\0') {
		size_t length = strcspn(words, " ");
		bool beginning = words[length - 1] == '*';
		size_t fixed = beginning ? length - 1 : length;
		if (strncmp(words, name, fixed) == 0 && (beginning || name[fixed] == '\0'))
			return true;
		words += length + (words[length] == ' ');
	}
	return false;
}

static const struct program *find_by_command(const char *command)
{
	const char *slash = strrchr(command, '/');
	const char *name = slash != NULL ? slash + 1 : command;
	for (size_t i = 0; i < program_count; i++)
		if (strcmp(programs[i].name, name) == 0 || is_among(programs[i].also, name))
			return &programs[i];
	return NULL;
}

const struct program *program_of(int number, const char *command)
{
	if (number >= PROGRAM_FIRST)
		return &programs[number - PROGRAM_FIRST];
	return number == PROGRAM_AUTO && command != NULL ? find_by_command(command) : NULL;
}

void program_rules(const struct program *program, struct outcome_rules *rules)
{
	rules->program_success = rules->program_ignore = (struct outcome_list){.any = false};
	if (program != NULL && program->success != NULL)
		value_list(program->success, &rules->program_success);
	if (program != NULL && program->ignore != NULL)
		value_list(program->ignore, &rules->program_ignore);
}

/*
 * Whether one of the letters behind a dash is an idle one; *takes_next says that
 * the next word is an argument.
 */
static bool has_idle_letter(const struct program *program, const char *letters, bool *takes_next)
{
	for (; *letters != '\0'; letters++) {
		if (strchr(program->idle, *letters) != NULL)
			return true;
		if (strchr(program->valued, *letters) != NULL) {
			*takes_next = letters[1] == '\0';
			return false;
		}
	}
	return false;
}

bool program_is_idle(const struct program *program, char *const *argv)
{
	if (program == NULL || program->idle == NULL)
		return false;
	for (int i = 1; argv[i] != NULL && argv[i][0] == '-' && strcmp(argv[i], "--") != 0; i++) {
		bool takes_next = false;
		if (has_idle_letter(program, argv[i] + 1, &takes_next))
			return true;
		if (takes_next && argv[i + 1] != NULL)
			i++;
	}
	return false;
}
