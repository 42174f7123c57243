/* password.c: where it comes from. */
#include "store/redis/password.h"

#include "base/trust.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fail(const char *file, const char *why, struct error *error)
{
	return error_set(error, ERROR_STORE, "cannot use the password file %.512s: %s", file, why);
}

static bool read_line(FILE *in, const char *file, char *password, size_t size, struct error *error)
{
	bool read = fgets(password, (int)size, in) != NULL;
	size_t length = read ? strcspn(password, "\r\n") : 0;
	if (length == 0)
		return fail(file, "its first line is empty", error);
	if (length == size - 1)
		return fail(file, "its first line is too long", error);
	password[length] = '\0';
	return true;
}

bool password_read(const char *file, char *password, size_t size, struct error *error)
{
	struct trust_fault fault;
	char text[TRUST_TEXT_SIZE];
	const char *given = secure_getenv("CBRUN_REDIS_PASSWORD");
	if (file == NULL) {
		if (given != NULL && strlen(given) >= size)
			return error_set(error, ERROR_STORE, "CBRUN_REDIS_PASSWORD is too long");
		snprintf(password, size, "%s", given != NULL ? given : "");
		return true;
	}
	if (!trust_path(file, &fault))
		return fail(file, trust_explain(&fault, "it", text), error);
	FILE *in = fopen(file, "re");
	if (in == NULL)
		return fail(file, strerror(errno), error);
	bool ok = read_line(in, file, password, size, error);
	fclose(in);
	return ok;
}
