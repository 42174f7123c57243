/* origin.c: https://sqlite.org/fileformat2.html and walformat.html say how SQLite's files begin. */
#include "store/local/origin.h"

#include "store/local/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_SIZE = 100, APPLICATION_ID = 68 };

/* How a plain file begins; zeros where it ends. */
struct head {
	bool plain;
	int failure; /* errno, if it could not be read */
	off_t size;
	uint8_t bytes[HEAD_SIZE];
};

static struct head read_head(const char *path)
{
	struct head head = {0};
	struct stat status;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		head.failure = errno;
		return head;
	}
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
		head.size = status.st_size;
		head.plain = read(fd, head.bytes, sizeof(head.bytes)) >= 0;
	}
	close(fd);
	return head;
}

static uint32_t big_endian(const uint8_t *byte)
{
	return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
}

static bool is_database(const struct head *head)
{
	static const char magic[] = "SQLite format 3"; /* with its NUL */
	return memcmp(head->bytes, magic, sizeof(magic)) == 0;
}

static uint32_t mark_of(const struct head *head)
{
	return big_endian(head->bytes + APPLICATION_ID);
}

static bool has_our_mark(const struct head *head)
{
	return is_database(head) && mark_of(head) == SCHEMA_APPLICATION_ID;
}

/* Another program's, and not ours with a damaged byte. */
static bool has_foreign_mark(const struct head *head)
{
	uint32_t difference = mark_of(head) ^ SCHEMA_APPLICATION_ID;
	int bytes = 0;
	for (; difference != 0; difference >>= 8)
		bytes += (difference & 0xFF) != 0;
	return is_database(head) && mark_of(head) != 0 && bytes > 1;
}

static bool permits_beside(const struct location *location)
{
	struct stat status;
	return lstat(location->permits, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0;
}

bool origin_check(const struct location *location, struct error *error)
{
	struct head head = read_head(location->database);
	if (has_our_mark(&head) || (!has_foreign_mark(&head) && permits_beside(location)))
		return true;
	if (head.failure != 0)
		return error_set_errno(error, ERROR_STORE, head.failure, "cannot open the store %s",
		                       location->database);
	if (is_database(&head))
		return error_set(error, ERROR_STORE,
		                 "cannot use the store %s: it is another program's database",
		                 location->database);
	return error_set(error, ERROR_STORE,
	                 "refusing the store %s: the file is not cbrun's, and is left as it is; name another "
	                 "with --store",
	                 location->database);
}

static bool begins_with_zeros(const struct head *head)
{
	static const uint8_t zeros[HEAD_SIZE];
	return memcmp(head->bytes, zeros, sizeof(zeros)) == 0;
}

/* Before its first use it holds zeros, and may be short. */
static bool is_index(const struct head *head)
{
	enum { INDEX_VERSION = 3007000, INDEX_UNIT = 32768 };
	uint32_t version; /* in the byte order of the machine */
	memcpy(&version, head->bytes, sizeof(version));
	return begins_with_zeros(head) || (version == INDEX_VERSION && head->size % INDEX_UNIT == 0);
}

/* Its magic is written when what follows is on disk; until then there are zeros. */
static bool is_journal(const struct head *head)
{
	static const uint8_t magic[] = {0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7};
	static const uint8_t not_yet[sizeof(magic)];
	return memcmp(head->bytes, magic, sizeof(magic)) == 0 ||
	       memcmp(head->bytes, not_yet, sizeof(not_yet)) == 0;
}

bool origin_is_left_over(const char *path, enum origin_kind kind)
{
	enum { LOG_MAGIC = 0x377F0682 }; /* its lowest bit is the byte order of the sums */
	struct head head = read_head(path);
	if (!head.plain || head.size == 0)
		return head.plain || head.failure == ENOENT;
	switch (kind) {
	case ORIGIN_DATABASE:
		return has_our_mark(&head);
	case ORIGIN_LOG:
		return (big_endian(head.bytes) | 1) == (LOG_MAGIC | 1);
	case ORIGIN_INDEX:
		return is_index(&head);
	case ORIGIN_JOURNAL:
		return is_journal(&head);
	case ORIGIN_KINDS:
		break;
	}
	return false;
}
