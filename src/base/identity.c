/* identity.c: the user's name is read from the file, so that no name service is loaded for it. */
#include "base/identity.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

bool identity_is_root(void)
{
	return getauxval(AT_EUID) == 0;
}

bool identity_is_raised(void)
{
	return getauxval(AT_SECURE) != 0;
}

void identity_name(uid_t uid, char *text, size_t size)
{
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd *entry = NULL;
	while (file != NULL && (entry = fgetpwent(file)) != NULL)
		if (entry->pw_uid == uid)
			break;
	if (entry != NULL)
		snprintf(text, size, "%s", entry->pw_name);
	else
		snprintf(text, size, "uid %u", uid);
	if (file != NULL)
		fclose(file);
}

void identity_format(char *text, size_t size)
{
	const char *caller = getenv("SUDO_USER");
	identity_name(getuid(), text, size);
	size_t used = strlen(text);
	if (getuid() == 0 && caller != NULL && caller[0] != '\0')
		snprintf(text + used, size - used, " (sudo %s)", caller);
}
