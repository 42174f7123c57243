/* orphans.c: the files are listed before the breakers, since a breaker is there before its output. */
#include "store/local/orphans.h"

#include "base/array.h"
#include "store/local/kept_output.h"

#include <dirent.h>

struct orphan {
	int64_t id;
	bool owned; /* there is such a breaker, so it is none */
};

/* Adds the ids of all outputs beside the database; one may come twice. */
static bool list(const struct location *location, struct array *found)
{
	const struct dirent *entry;
	bool ok = true;
	DIR *directory = opendir(location->directory);
	while (ok && directory != NULL && (entry = readdir(directory)) != NULL) {
		int64_t id = kept_output_id(location, entry->d_name);
		struct orphan *orphan = id != 0 ? array_append(found, sizeof(*orphan)) : NULL;
		if (orphan != NULL)
			*orphan = (struct orphan){.id = id};
		ok = id == 0 || orphan != NULL;
	}
	if (directory != NULL)
		closedir(directory);
	return ok && directory != NULL;
}

static bool note_owner(void *context, const struct sqlite_values *row)
{
	const struct array *found = context;
	struct orphan *orphans = found->items;
	for (size_t i = 0; i < found->count; i++)
		orphans[i].owned = orphans[i].owned || orphans[i].id == row->id;
	return true;
}

static void remove_found(const struct location *location, const struct array *found)
{
	const struct orphan *orphans = found->items;
	for (size_t i = 0; i < found->count; i++)
		if (!orphans[i].owned)
			kept_output_remove(location, orphans[i].id);
}

void orphans_remove(struct connection *c)
{
	struct array found = {0};
	struct sqlite_values from_the_first = {.name = ""};
	if (list(&c->where, &found) && found.count > 0 &&
	    sqlite_run(c->db, SQL_LIST, &from_the_first, note_owner, &found) == SQLITE_RESULT_OK)
		remove_found(&c->where, &found);
	array_free(&found);
}

void orphans_remove_all(const struct location *location)
{
	struct array found = {0};
	if (list(location, &found))
		remove_found(location, &found);
	array_free(&found);
}
