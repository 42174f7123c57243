/*
 * connection.h: the files of a local store, opened, and kept in order: a missing
 * database is made, an older one upgraded, a damaged one set aside.
 */
#ifndef CBRUN_STORE_LOCAL_CONNECTION_H
#define CBRUN_STORE_LOCAL_CONNECTION_H

#include "store/local/location.h"
#include "store/local/permits.h"
#include "store/local/sqlite.h"
#include "store/store.h"

struct connection {
	enum store_access access;
	int64_t lock_timeout_ms;
	struct location where;
	struct permits permits;
	struct sqlite *db;                 /* NULL until a step needs it, and after a repair */
	bool trusted;                      /* the files were looked at since the last disconnection */
	bool used;                         /* a step was taken on this connection */
	bool durable;                      /* commits flush */
	int64_t older_schema;              /* that was met and upgraded; 0 = none */
	int failed_commits;                /* in which damage, or a missing file, was met */
	char remarks[4 * ERROR_TEXT_SIZE]; /* a line each */
};

/* Nothing is open; where the files are is not known yet. */
void connection_init(struct connection *h, const struct store_options *options);

/*
 * Begins a transaction, to write or to read, on a connection to the file that
 * is there now. If the answer is not OK, the error is set.
 */
enum sqlite_result connection_begin(struct connection *h, bool writing, struct error *error);

/*
 * After a failed step: whether it may be tried again, `attempt` counting from
 * 0. What looks damaged is looked at once more through a new connection, then
 * set aside; what has gone is made anew.
 */
bool connection_repair(struct connection *h, enum sqlite_result result, int attempt, struct error *error);

/* Sets the error to what failed, in words that a user can act on, and returns false. */
bool connection_fail(const struct connection *h, enum sqlite_result result, struct error *error, const char *act);

/* Notes what the user should be told; see store_notice(). What there is no room for is not told. */
__attribute__((format(printf, 2, 3))) void connection_remark(struct connection *h, const char *format, ...);

/* Takes the oldest remark; false if there is none. */
bool connection_next_remark(struct connection *h, char text[ERROR_TEXT_SIZE]);

/* Closes what is open. */
void connection_close(struct connection *h);

/* The same for a process that ends now. What the kernel does then is left to it. */
void connection_leave(struct connection *h);

#endif
