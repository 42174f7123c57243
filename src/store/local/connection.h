/*
 * connection.h: the files of a local store and the connection to its database,
 * which is made when a step needs it, and made again if the file was replaced.
 */
#ifndef CBRUN_STORE_LOCAL_CONNECTION_H
#define CBRUN_STORE_LOCAL_CONNECTION_H

#include "store/local/location.h"
#include "store/local/permits.h"
#include "store/local/sqlite.h"
#include "store/store.h"

/* The header of a log: https://sqlite.org/fileformat2.html, 4.1 */
enum { CONNECTION_LOG_HEAD = 32 };

struct connection {
	enum store_access access;
	int64_t lock_timeout_ms;
	int64_t deadline_us; /* on the boot clock: how long to wait for others */
	int64_t patience_ms; /* how long that was at first */
	uint64_t boot_id;
	struct permits permits;
	struct lines *remarks; /* the store's */
	struct sqlite *db;     /* NULL until a step needs it, and after a repair */
	bool lost;             /* SIGBUS has cut it off, and nothing can be done with it any more */
	bool trusted;          /* the files were looked at since the last disconnection */
	bool used;             /* a transaction was begun on this connection */
	bool replaced;         /* the file is not the one that was there at first */
	bool log;              /* the database has one */
	bool cut_short;        /* a reader has found a transaction in it that somebody must roll back */
	bool reading;          /* no checkpoint can begin before we disconnect */
	uint8_t log_head[CONNECTION_LOG_HEAD]; /* a reader's: of the log as it was when we began */
	int index;             /* the log's index, opened for a checkpoint; -1 = not */
	int64_t older_schema;  /* that was met and upgraded; 0 = none */
	struct location where; /* large, and most of it not used */
};

/* Nothing is open; where the files are is not known yet. */
void connection_init(struct connection *c, const struct store_options *options, struct lines *remarks);

/* From here on, waits for others at most as long as the lock's time limit says, nor, unless 0, after until_us. */
void connection_start_waiting(struct connection *c, int64_t until_us);

/* What is left of that time, in milliseconds; 0 if it is over. */
int64_t connection_rest_ms(const struct connection *c);

/*
 * Begins a transaction, to write or to read, on a connection to the file that
 * is there now. If the answer is not OK, the error is set.
 */
enum sqlite_result connection_begin(struct connection *c, bool writing, struct error *error);

/* Does what a transaction that writes needs, and what needs none. If it fails, so will the transaction. */
void connection_make_ready(struct connection *c);

/*
 * Ends a transaction, if one is open, and keeps nothing of it. A reader, who
 * holds up checkpoints, is disconnected too.
 */
void connection_end(struct connection *c);

/*
 * Whether what this reader has read so far, or failed to read, is one state of the
 * database. If not, it is to be read again, and what was found to be damaged need not be.
 */
bool connection_is_consistent(const struct connection *c);

/* Puts what was committed on disk. */
bool connection_flush(const struct connection *c, struct error *error);

/* Sets the error to what failed, in words that a user can act on, and returns false. */
bool connection_fail(const struct connection *c, enum sqlite_result result, struct error *error,
                     const char *act);

/* After mapping_guard() has failed: lets go of the connection, sets the error and returns false. */
bool connection_lose(struct connection *c, struct error *error);

/* Closes the database; the next transaction opens it again, and looks at its files first. */
void connection_disconnect(struct connection *c);

/* Closes all that is open. */
void connection_close(struct connection *c);

/* The same for a process that ends now. What the kernel does then is left to it. */
void connection_leave(struct connection *c);

#endif
