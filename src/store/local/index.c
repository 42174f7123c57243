/* index.c: the index's head, held against the log's end. */
#include "store/local/index.h"

#include "store/local/mount.h"

#include <string.h>

/* Of the head, as the machine has its numbers: two copies of 48 bytes, then what is known of checkpoints. */
enum { PAGE_SIZE_AT = 14, FRAMES_AT = 16, SUMS_AT = 24, SALTS_AT = 32, MARK_AT = 132 };

/* Of a frame's head, the highest byte first. The salts are copied as they are. */
enum { FRAME_COMMIT_AT = 4, FRAME_SALTS_AT = 8, FRAME_SUMS_AT = 16, SALTS_LENGTH = 8 };

enum { LOG_HEAD = 32, REGION = 32768, FRAMES_OF_FIRST_REGION = 4062 };

static uint32_t number_at(const uint8_t *bytes)
{
	uint32_t number;
	memcpy(&number, bytes, sizeof(number));
	return number;
}

static uint32_t big_endian_at(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* So that each bit of either counts in the upper half. */
static uint64_t mix(uint64_t sum, uint64_t number)
{
	sum = (sum ^ number) * UINT64_C(0x9E3779B97F4A7C15);
	return sum ^ sum >> 32;
}

uint32_t index_mark(int fd, uint64_t boot_id)
{
	struct mount_look file;
	if (boot_id == 0 || !mount_look_open(fd, &file) || file.mount == 0)
		return 0;
	if (file.size == 0 || file.size % REGION != 0)
		return 0;
	uint64_t sum = mix(boot_id, file.inode);
	sum = mix(sum, file.mount);
	sum = mix(sum, file.device);
	return (uint32_t)(sum * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

void index_clear(uint8_t head[INDEX_HEAD], uint32_t mark)
{
	memset(head, 0, INDEX_HEAD);
	memcpy(head + MARK_AT, &mark, sizeof(mark));
}

int64_t index_last_frame(const uint8_t head[INDEX_HEAD], uint32_t mark)
{
	uint16_t page_size;
	uint32_t frames = number_at(head + FRAMES_AT);
	memcpy(&page_size, head + PAGE_SIZE_AT, sizeof(page_size));
	if (mark == 0 || number_at(head + MARK_AT) != mark || page_size != INDEX_PAGE)
		return -1;
	if (frames == 0 || frames > FRAMES_OF_FIRST_REGION)
		return -1;
	return LOG_HEAD + (int64_t)(frames - 1) * (INDEX_FRAME_HEAD + INDEX_PAGE);
}

static bool has_salts(const uint8_t head[INDEX_HEAD], const uint8_t *frame)
{
	return memcmp(frame + FRAME_SALTS_AT, head + SALTS_AT, SALTS_LENGTH) == 0;
}

bool index_fits(const uint8_t head[INDEX_HEAD], const uint8_t end[INDEX_LOG_END])
{
	const uint8_t *next = end + INDEX_FRAME_HEAD + INDEX_PAGE;
	return has_salts(head, end) && !has_salts(head, next) && big_endian_at(end + FRAME_COMMIT_AT) != 0 &&
	       big_endian_at(end + FRAME_SUMS_AT) == number_at(head + SUMS_AT) &&
	       big_endian_at(end + FRAME_SUMS_AT + 4) == number_at(head + SUMS_AT + 4);
}
