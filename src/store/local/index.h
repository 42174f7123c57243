/*
 * index.h: whether the index of the log may be kept as it is.
 *
 * SQLite's index is memory that processes share, mapped from a file. The first
 * process that connects rebuilds it from the log, since the file may be what a
 * power loss has left of it. Most calls are the first, and this would be a seventh
 * of their cost. So we mark an index that was built since the machine was
 * started, in the four bytes of its head that have no other use, and keep one
 * that has the mark and ends where the log ends. Within one boot and one mount
 * the file is always memory: a process that was killed has left it as SQLite's
 * order of writing prescribes. One that was killed while it wrote to the log
 * leaves a log that goes on beyond what the index knows.
 *
 * Layout: https://sqlite.org/walformat.html, 2.1, and https://sqlite.org/fileformat2.html, 4.1.
 */
#ifndef CBRUN_STORE_LOCAL_INDEX_H
#define CBRUN_STORE_LOCAL_INDEX_H

#include <stdbool.h>
#include <stdint.h>

enum { INDEX_HEAD = 136, INDEX_FRAME_HEAD = 24, INDEX_PAGE = 1024 };

/* Where in the head the mark of the last READ_LOCK is: the frame up to which its holders read. UINT32_MAX: it has none. */
enum { INDEX_LAST_READ_MARK = 116 };

/* What the log holds where it should end: its last frame, and the head of one behind it, or zeros. */
enum { INDEX_LOG_END = INDEX_FRAME_HEAD + INDEX_PAGE + INDEX_FRAME_HEAD };

/*
 * The mark of an index in this open file: no other file, mount or boot has the same but by one chance in
 * 2^32. 0 if there is none, or the file has not the length of an index.
 */
uint32_t index_mark(int fd, uint64_t boot_id);

/* Makes it the head of an index that SQLite will make anew, with that mark. */
void index_clear(uint8_t head[INDEX_HEAD], uint32_t mark);

/* Where in the log the index's last frame begins; -1 if the index has another mark, or no frames to keep it
 * for. */
int64_t index_last_frame(const uint8_t head[INDEX_HEAD], uint32_t mark);

/* Whether the index knows of all that is in a log which ends so. */
bool index_fits(const uint8_t head[INDEX_HEAD], const uint8_t end[INDEX_LOG_END]);

#endif
