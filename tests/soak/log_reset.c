/*
 * log_reset CBRUN STORE STRIDE: begins the log of a new store anew just when a call of
 * cbrun begins a checkpoint, which up to version 3.51.2 damages what SQLite
 * keeps: https://sqlite.org/wal.html#walresetbug. A debugger stops the call at
 * each moment, of STRIDE instructions, from when it has the lock for
 * checkpoints until it gives it back. Prints TAP: nothing is ever lost, nor when
 * the log is to be emptied and a writer is in the way, so that SQLite copies
 * instead; and something is if the lock by which cbrun avoids this (checkpoint.c)
 * is led astray, so that the test would notice.
 */
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

/* Bytes of the log's index that are locked: https://sqlite.org/walformat.html, 2.3; and one that nobody asks
 * for */
enum { WRITE_LOCK = 120, CHECKPOINT_LOCK = 121, LAST_READ_LOCK = 127, ELSEWHERE = 1 << 20 };

/* Rows of a page each. BEFORE are in the log when the call begins, more than after which it checkpoints;
 * AFTER in the log that was begun anew, more than in the one before it. */
enum { BEFORE = 40, AFTER = 80 };

/* The first of them that has defect no more */
enum { MENDED = 3051003 };

static const char *cbrun;
static const char *store;

static void give_up(const char *what)
{
	printf("not ok - %s\n", what);
	exit(2);
}

/* --- a writer that is no cbrun --- */

static void writer_execute(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		give_up(sqlite3_errmsg(db));
}

static sqlite3 *writer_open(void)
{
	sqlite3 *db;
	if (sqlite3_open(store, &db) != SQLITE_OK)
		give_up("the store cannot be opened");
	writer_execute(db, "PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0");
	return db;
}

/* Leaves the log as it is. */
static void writer_leave(sqlite3 *db)
{
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_close(db);
}

/* A transaction for each row. */
static void writer_mark(sqlite3 *db, int first, int last, int mark)
{
	char sql[80];
	for (int key = first; key <= last; key++) {
		snprintf(sql, sizeof(sql), "UPDATE page SET mark = %d WHERE key = %d", mark, key);
		writer_execute(db, sql);
	}
}

static void writer_copy_log(sqlite3 *db)
{
	int frames;
	int copied;
	if (sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &copied) != SQLITE_OK ||
	    frames != copied)
		give_up("the log could not be copied");
}

/* How many rows have not that mark. */
static int lost_rows(int mark)
{
	char sql[80];
	sqlite3_stmt *query;
	sqlite3 *db = writer_open();
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM page WHERE mark <> %d", mark);
	if (sqlite3_prepare_v2(db, sql, -1, &query, NULL) != SQLITE_OK || sqlite3_step(query) != SQLITE_ROW)
		give_up(sqlite3_errmsg(db));
	int count = sqlite3_column_int(query, 0);
	sqlite3_finalize(query);
	sqlite3_close(db);
	return count;
}

/* --- the call --- */

static pid_t start_call(bool traced)
{
	pid_t pid = fork();
	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		setenv("CBRUN_STORE", store, 1);
		setenv("CBRUN_CONFIG", "/dev/null", 1);
		if (traced)
			ptrace(PTRACE_TRACEME, 0, 0, 0);
		execl(cbrun, cbrun, "record", "api", "success", (char *)NULL);
		_exit(127);
	}
	return pid;
}

/* True if it has stopped, false if it has ended well. */
static bool has_stopped(pid_t pid)
{
	int status;
	if (waitpid(pid, &status, 0) != pid)
		give_up("waitpid");
	if (WIFSTOPPED(status))
		return true;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		give_up("the call failed");
	return false;
}

static void finish_call(pid_t pid)
{
	ptrace(PTRACE_DETACH, pid, 0, 0);
	if (has_stopped(pid))
		give_up("the call stopped");
}

/* What it asks to be locked as it goes into a system call; type -1 if that is something else. */
static struct flock asked_lock(pid_t pid, const struct ptrace_syscall_info *info)
{
	struct flock lock = {.l_type = -1};
	if (info->entry.nr != SYS_fcntl ||
	    (info->entry.args[1] != F_SETLK && info->entry.args[1] != F_OFD_SETLK))
		return lock;
	long words[sizeof(lock) / sizeof(long)];
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		words[i] = ptrace(PTRACE_PEEKDATA, pid, info->entry.args[2] + i * sizeof(long), 0);
	memcpy(&lock, words, sizeof(words));
	return lock;
}

/* When a writer comes: as the log is copied; as it is copied without the lock of the last reader, which is
 * led astray; as it is to be emptied. */
enum scene { COPIED, UNGUARDED, EMPTIED, SCENES };

struct call {
	pid_t pid;
	enum scene scene;
	enum { NOT_DUE, DUE, EMPTYING, THERE } progress;
	sqlite3 *writer; /* that is connected; or NULL, so that the call thinks itself alone */
};

static bool locks(const struct flock *lock, short type, off_t byte)
{
	return lock->l_type == type && lock->l_start == byte && lock->l_len == 1;
}

/* Before the log is copied, another process copies all of it. */
static void come_before_copying(struct call *c, const struct ptrace_syscall_info *info)
{
	sqlite3 *other = writer_open();
	writer_copy_log(other);
	writer_leave(other);
	if (c->scene == UNGUARDED)
		ptrace(PTRACE_POKEDATA, c->pid, info->entry.args[2] + offsetof(struct flock, l_start),
		       ELSEWHERE);
}

/* As it goes into a system call. Before the log is emptied, a writer begins a transaction. */
static void watch(struct call *c, const struct ptrace_syscall_info *info)
{
	struct flock lock = asked_lock(c->pid, info);
	bool of_cbrun = info->entry.args[1] == F_OFD_SETLK; /* SQLite takes others */
	if (c->progress == NOT_DUE && of_cbrun && locks(&lock, F_WRLCK, LAST_READ_LOCK)) {
		come_before_copying(c, info);
		c->progress = DUE;
	} else if (c->progress == DUE && locks(&lock, F_WRLCK, CHECKPOINT_LOCK)) {
		c->progress = c->scene == EMPTIED ? EMPTYING : THERE;
	} else if (c->progress == EMPTYING && locks(&lock, F_WRLCK, CHECKPOINT_LOCK)) {
		c->writer = writer_open();
		writer_execute(c->writer, "BEGIN IMMEDIATE");
	} else if (c->progress == EMPTYING && locks(&lock, F_WRLCK, WRITE_LOCK)) {
		c->progress = THERE;
	}
}

/* Lets it go until it has the lock for checkpoints; if it is to empty the log, until it has not got the one
 * for writing. */
static void run_to_checkpoint(struct call *c)
{
	struct ptrace_syscall_info info;
	if (!has_stopped(c->pid))
		give_up("the call cannot be traced");
	ptrace(PTRACE_SETOPTIONS, c->pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (;;) {
		ptrace(PTRACE_SYSCALL, c->pid, 0, 0);
		if (!has_stopped(c->pid))
			give_up("the call made no checkpoint");
		ptrace(PTRACE_GET_SYSCALL_INFO, c->pid, sizeof(info), &info);
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
			watch(c, &info);
		else if (c->progress == THERE)
			return;
	}
}

static void step(pid_t pid, int instructions)
{
	for (int i = 0; i < instructions; i++) {
		ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
		if (!has_stopped(pid))
			give_up("the call ended in its checkpoint");
	}
}

/* Whether another process has the lock. FILE is closed only when SQLite has nothing open, as that drops its
 * locks. */
static bool is_checkpointing(int file)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = CHECKPOINT_LOCK, .l_len = 1};
	return fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* --- a moment --- */

/* How many rows are lost if a writer commits so many instructions later; -1 if the lock for checkpoints was
 * given back by then. */
static int lose_at(int instructions, enum scene scene)
{
	static int mark;
	sqlite3 *writer = writer_open();
	writer_mark(writer, 1, BEFORE, ++mark);
	writer_leave(writer);

	struct call call = {.pid = start_call(true), .scene = scene};
	run_to_checkpoint(&call);
	step(call.pid, instructions);
	char name[PATH_MAX];
	snprintf(name, sizeof(name), "%s-shm", store);
	int file = open(name, O_RDWR | O_CLOEXEC);
	bool in_time = is_checkpointing(file);
	writer = call.writer != NULL ? call.writer : writer_open();
	writer_mark(writer, 1, 1, ++mark);
	if (scene == EMPTIED)
		writer_execute(writer, "COMMIT");
	finish_call(call.pid);
	writer_mark(writer, 2, AFTER, mark);
	writer_copy_log(writer);
	sqlite3_close(writer);
	close(file);

	int lost = lost_rows(mark);
	return in_time ? lost : -1;
}

static void make_store(void)
{
	if (has_stopped(start_call(false)))
		give_up("the call stopped");
	char sql[300];
	snprintf(sql, sizeof(sql),
	         "CREATE TABLE page (key INTEGER PRIMARY KEY, mark INTEGER, filler TEXT);"
	         "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
	         "INSERT INTO page SELECT i, 0, printf('%%.*c', 3000, 'x') FROM n",
	         AFTER);
	sqlite3 *db = writer_open();
	writer_execute(db, sql);
	sqlite3_close(db);
}

int main(int argc, char **argv)
{
	int stride = argc > 3 ? atoi(argv[3]) : 0;
	if (stride < 1)
		return 2;
	cbrun = argv[1];
	store = argv[2];
	make_store();
	static const char *const names[SCENES] = {
		[COPIED] = "a log begun anew just when it is to be copied loses nothing",
		[UNGUARDED] = "without the lock of the last reader it does",
		[EMPTIED] = "a log begun anew just when it is to be emptied loses nothing",
	};
	bool has_defect = sqlite3_libversion_number() < MENDED;
	bool all_well = true;
	for (enum scene scene = COPIED; scene < SCENES; scene++) {
		int moments = 0;
		int harmful = 0;
		for (int at = 0, lost; (lost = lose_at(at, scene)) >= 0; at += stride, moments++)
			harmful += lost > 0;
		bool well = moments > 0 && (harmful > 0) == (scene == UNGUARDED && has_defect);
		printf("%sok %d - %s: at %d of %d moments something was lost\n", well ? "" : "not ",
		       scene + 1, names[scene], harmful, moments);
		all_well = all_well && well;
	}
	printf("1..%d\n", SCENES);
	return all_well ? 0 : 1;
}
