/*
 * kept_output.c: written aside and renamed into place, so that a reader sees the old one or the new one whole.
 * Nothing is flushed: a power loss may leave the name with a part of the bytes, which their sum tells.
 */
#include "store/local/kept_output.h"

#include "store/local/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * How the file begins: the magic, then words of 64 bits, the lowest byte first.
 * In the first format they were in the order of the machine that wrote it; that
 * and the second one had no number.
 */
enum {
	BLOCK = 64 * 1024,
	LIMIT = 16 * 1024 * 1024,
	FORMAT = 3,
	FIRST_FORMAT = 1,
	WORD = 8,
	SHORT_HEAD_SIZE = 6 * WORD,
	HEAD_SIZE = 7 * WORD,
};

enum word {
	WORD_FORMAT = 1,
	WORD_BOOT_MS,
	WORD_WALL_MS,
	WORD_BOOT_ID,
	WORD_NUMBER,
	WORD_SUM, /* of what stands before it, and of the output */
};

static const char magic[] = "cbrunout";

static void put_word(uint8_t head[HEAD_SIZE], enum word which, uint64_t value)
{
	for (int i = 0; i < WORD; i++)
		head[(int)which * WORD + i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get_word(const uint8_t head[HEAD_SIZE], enum word which, bool highest_first)
{
	uint64_t value = 0;
	for (int i = 0; i < WORD; i++)
		value |= (uint64_t)head[(int)which * WORD + i] << 8 * (highest_first ? WORD - 1 - i : i);
	return value;
}

enum { PATH_SIZE = PATH_MAX + 96 };

static const char *const endings[STORE_OUTPUT_KINDS] = {"", ".first", ".last"};
static const char fresh_ending[] = ".new";

static void name_file(const struct location *location, const struct kept_output *o, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%s.output-%lld%s", location->database, (long long)o->id, endings[o->kind]);
}

/* The name of one that is being written. */
static void name_fresh(const struct location *location, const struct kept_output *o, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%s.output-%lld%s%s", location->database, (long long)o->id, endings[o->kind],
	         fresh_ending);
}

static bool write_all(int fd, const void *bytes, size_t length)
{
	const char *rest = bytes;
	while (length > 0) {
		ssize_t written = write(fd, rest, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		rest += written;
		length -= (size_t)written;
	}
	return true;
}

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t add_to_sum(uint64_t sum, const void *bytes, size_t length)
{
	const uint8_t *byte = bytes;
	for (size_t i = 0; i < length; i++)
		sum = (sum ^ byte[i]) * UINT64_C(0x100000001b3);
	return sum;
}

/* The sum is the head's last word. */
static uint64_t begin_sum(const uint8_t head[HEAD_SIZE], size_t size)
{
	return add_to_sum(UINT64_C(0xcbf29ce484222325), head, size - WORD);
}

/* Writes the output behind its head. The head comes last, since it has the sum. */
static bool write_file(int fd, uint8_t head[HEAD_SIZE], store_reader *read, void *context)
{
	char bytes[BLOCK];
	int64_t offset = 0;
	ssize_t length;
	uint64_t sum = begin_sum(head, HEAD_SIZE);
	if (lseek(fd, HEAD_SIZE, SEEK_SET) < 0)
		return false;
	while ((length = read(context, offset, bytes, sizeof(bytes))) > 0) {
		if (!write_all(fd, bytes, (size_t)length))
			return false;
		sum = add_to_sum(sum, bytes, (size_t)length);
		offset += length;
	}
	put_word(head, WORD_SUM, sum);
	return length == 0 && lseek(fd, 0, SEEK_SET) == 0 && write_all(fd, head, HEAD_SIZE);
}

/* Reads the head. Returns how long it is; 0 if it is none. */
static size_t read_head(int fd, uint8_t head[HEAD_SIZE], bool *highest_first)
{
	if (read(fd, head, SHORT_HEAD_SIZE) != SHORT_HEAD_SIZE || memcmp(head, magic, WORD) != 0)
		return 0;
	*highest_first = get_word(head, WORD_FORMAT, true) == FIRST_FORMAT;
	uint64_t format = get_word(head, WORD_FORMAT, *highest_first);
	if (format >= FIRST_FORMAT && format < FORMAT)
		return SHORT_HEAD_SIZE;
	return format == FORMAT && read(fd, head + SHORT_HEAD_SIZE, WORD) == WORD ? HEAD_SIZE : 0;
}

/* Reads the head, and checks everything behind it. */
static bool read_file(struct kept_output *o)
{
	char bytes[BLOCK];
	uint8_t head[HEAD_SIZE];
	ssize_t length;
	struct stat file;
	bool highest_first;
	int64_t limit = o->kind == STORE_OUTPUT_GOOD ? LIMIT : STORE_FAILURE_LIMIT;
	/* nobody keeps as much: rather none than an hour of reading */
	if (fstat(o->fd, &file) != 0 || file.st_size > limit + HEAD_SIZE)
		return false;
	size_t size = read_head(o->fd, head, &highest_first);
	if (size == 0)
		return false;
	uint64_t sum = begin_sum(head, size);
	while ((length = read(o->fd, bytes, sizeof(bytes))) > 0)
		sum = add_to_sum(sum, bytes, (size_t)length);
	o->at = (struct instant){
		.boot_ms = (int64_t)get_word(head, WORD_BOOT_MS, highest_first),
		.wall_ms = (int64_t)get_word(head, WORD_WALL_MS, highest_first),
		.boot_id = get_word(head, WORD_BOOT_ID, highest_first),
	};
	o->number = size == HEAD_SIZE ? (int64_t)get_word(head, WORD_NUMBER, false) : 0;
	o->start = (int64_t)size;
	enum word last = size == HEAD_SIZE ? WORD_SUM : WORD_NUMBER;
	return length == 0 && get_word(head, last, highest_first) == sum;
}

/* Whether no other process is writing the file, or has just put it into place. */
static bool take_file(int fd, const char *path)
{
	struct stat opened;
	struct stat named;
	return lock_set(fd, F_WRLCK, 0, 0) && fstat(fd, &opened) == 0 && stat(path, &named) == 0 &&
	       opened.st_ino == named.st_ino;
}

/* A file that another user has planted is not ours to write to; nor is what a hard link leads to. */
static bool check_file(const struct location *location, int fd, const char *path, struct error *error)
{
	struct stat status;
	if (!location_check_open(location, fd, path, error))
		return false;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink <= 1)
		return true;
	return error_set(error, ERROR_STORE,
	                 "refusing %s: it is no plain file, or has another name; remove it", path);
}

/*
 * Opens the file that is being made, one name for all, so that a killed process
 * leaves at most that. Its lock says who is writing it. *fd is -1 if another
 * process is, or was a moment ago: its output is as good.
 */
static bool open_fresh(const struct location *location, const char *path, int *fd, struct error *error)
{
	*fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, location->mode);
	if (*fd < 0)
		return error_set_errno(error, ERROR_STORE, errno, "cannot keep the output in %s", path);
	location_share(location, *fd);
	bool ok = check_file(location, *fd, path, error);
	bool taken = ok && take_file(*fd, path);
	if (taken && ftruncate(*fd, 0) == 0)
		return true;
	if (taken)
		ok = error_set_errno(error, ERROR_STORE, errno, "cannot keep the output in %s", path);
	close(*fd);
	*fd = -1;
	return ok;
}

static void write_words(const struct kept_output *o, uint8_t head[HEAD_SIZE])
{
	memcpy(head, magic, WORD);
	put_word(head, WORD_FORMAT, FORMAT);
	put_word(head, WORD_BOOT_MS, (uint64_t)o->at.boot_ms);
	put_word(head, WORD_WALL_MS, (uint64_t)o->at.wall_ms);
	put_word(head, WORD_BOOT_ID, o->at.boot_id);
	put_word(head, WORD_NUMBER, (uint64_t)o->number);
}

bool kept_output_save(const struct location *location, const struct kept_output *o, store_reader *read,
                      void *context, struct error *error)
{
	char path[PATH_SIZE];
	char fresh[PATH_SIZE];
	int fd;
	uint8_t head[HEAD_SIZE];
	write_words(o, head);
	name_file(location, o, path);
	name_fresh(location, o, fresh);
	if (!open_fresh(location, fresh, &fd, error))
		return false;
	if (fd < 0)
		return true;
	bool ok = write_file(fd, head, read, context) && rename(fresh, path) == 0;
	int failure = errno;
	if (!ok)
		unlink(fresh);
	close(fd);
	return ok || error_set_errno(error, ERROR_STORE, failure, "cannot keep the output in %s", path);
}

bool kept_output_load(const struct location *location, struct kept_output *o, bool *present,
                      struct error *error)
{
	char path[PATH_SIZE];
	name_file(location, o, path);
	o->fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	*present = o->fd >= 0;
	if (!*present)
		return errno == ENOENT ||
		       error_set_errno(error, ERROR_STORE, errno, "cannot read the output kept in %s", path);
	bool trusted = location_check_open(location, o->fd, path, error);
	if (trusted && read_file(o))
		return true;
	kept_output_close(o);
	return trusted &&
	       error_set(error, ERROR_STORE, "cannot read the output kept in %s: it is damaged", path);
}

void kept_output_close(const struct kept_output *o)
{
	close(o->fd);
}

ssize_t kept_output_read(const struct kept_output *o, int64_t offset, void *bytes, size_t length)
{
	return pread(o->fd, bytes, length, (off_t)(offset + o->start));
}

/* Whether it begins as an output does. What was being written has its head last. */
static bool is_output(const char *path, bool finished)
{
	static const char nothing[WORD];
	char head[WORD] = {0};
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	ssize_t length = read(fd, head, sizeof(head));
	close(fd);
	return (length == WORD && memcmp(head, magic, WORD) == 0) ||
	       (!finished && length >= 0 && memcmp(head, nothing, WORD) == 0);
}

/* Whether the end of a file's name, behind the breaker's id, is one that we give. */
static bool is_ending(const char *end, bool *finished)
{
	for (int kind = 0; kind < STORE_OUTPUT_KINDS; kind++) {
		size_t length = strlen(endings[kind]);
		if (strncmp(end, endings[kind], length) != 0)
			continue;
		*finished = end[length] == '\0';
		if (*finished || strcmp(end + length, fresh_ending) == 0)
			return true;
	}
	return false;
}

int64_t kept_output_id(const struct location *location, const char *name)
{
	char path[PATH_SIZE];
	char *end;
	bool finished;
	size_t used = (size_t)snprintf(path, sizeof(path), "%s.output-", location->database);
	const char *base = strrchr(path, '/') + 1;
	size_t length = strlen(base);
	if (strncmp(name, base, length) != 0 || name[length] < '1' || name[length] > '9')
		return 0;
	int64_t id = strtoll(name + length, &end, 10);
	if (!is_ending(end, &finished))
		return 0;
	snprintf(path + used, sizeof(path) - used, "%s", name + length);
	return is_output(path, finished) ? id : 0;
}

void kept_output_remove(const struct location *location, int64_t id)
{
	char path[PATH_SIZE];
	for (int kind = 0; kind < STORE_OUTPUT_KINDS; kind++) {
		struct kept_output o = {.id = id, .kind = (enum store_output_kind)kind};
		name_file(location, &o, path);
		unlink(path);
		name_fresh(location, &o, path);
		unlink(path);
	}
}
