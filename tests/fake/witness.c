/*
 * witness.c: what the program under test prints as JSON is kept, too, if
 * JSON_WITNESS names a directory: a line an object, in a file for each subcommand.
 * tests/tools/schemas holds it against the schemas. Linked with
 * --wrap=json_value_print.
 */
#include "report/json_value.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool __real_json_value_print(FILE *out, json_t *object);
bool __wrap_json_value_print(FILE *out, json_t *object);

/* The second word of the command line, "status"; false if it is none that names a file. */
static bool subcommand(char word[64])
{
	char line[4096] = "";
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd >= 0 ? read(fd, line, sizeof(line) - 1) : 0;
	if (fd >= 0)
		close(fd);
	size_t first = strlen(line) + 1;
	if ((ssize_t)first >= length)
		return false;
	snprintf(word, 64, "%s", line + first);
	return word[0] != '\0' && strspn(word, "abcdefghijklmnopqrstuvwxyz") == strlen(word);
}

static void keep(const char *directory, const json_t *object)
{
	char word[64];
	char path[4096];
	if (!subcommand(word))
		return;
	snprintf(path, sizeof(path), "%s/%s", directory, word);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	char *text = json_dumps(object, JSON_COMPACT);
	char *line = text != NULL ? realloc(text, strlen(text) + 2) : NULL;
	if (fd >= 0 && line != NULL) {
		fchmod(fd, 0666); /* other users' tests write there, too */
		strcat(line, "\n");
		if (write(fd, line, strlen(line)) < 0)
			perror(path);
	}
	if (fd >= 0)
		close(fd);
	free(line);
}

bool __wrap_json_value_print(FILE *out, json_t *object)
{
	const char *directory = getenv("JSON_WITNESS");
	if (directory != NULL && object != NULL)
		keep(directory, object);
	return __real_json_value_print(out, object);
}
