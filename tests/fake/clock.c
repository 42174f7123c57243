/*
 * A clock that tests can set: the machine's, moved by what the file named in
 * $FAKE_CLOCK says: "BOOT_MS WALL_MS BOOT [EACH_MS]". The first two are added to
 * the clocks, the third, if not 0, is the boot's id; by the last the boot clock goes
 * on at each look of a process, for what takes its time. Linked into the program in
 * place of base/clock.c.
 */
#include "base/clock.h"

int64_t real_clock_boot_us(void);
int64_t real_clock_wall_ms(void);
uint64_t real_clock_boot_id(void);

#define clock_boot_us real_clock_boot_us
#define clock_wall_ms real_clock_wall_ms
#define clock_boot_id real_clock_boot_id
#include "../../src/base/clock.c"
#undef clock_boot_us
#undef clock_wall_ms
#undef clock_boot_id

#include <inttypes.h>
#include <stdlib.h>

struct shift {
	int64_t boot_ms;
	int64_t wall_ms;
	uint64_t boot_id;
	int64_t each_ms;
};

static struct shift read_shift(void)
{
	struct shift shift = {0};
	const char *path = getenv("FAKE_CLOCK");
	FILE *file = path != NULL ? fopen(path, "re") : NULL;
	if (file == NULL)
		return shift;
	if (fscanf(file, "%" SCNd64 "%" SCNd64 "%" SCNu64 "%" SCNd64, &shift.boot_ms, &shift.wall_ms, &shift.boot_id,
	           &shift.each_ms) < 3)
		abort();
	fclose(file);
	return shift;
}

int64_t fake_clock_shift_ms(void);

/* By how much tests have let time pass: setting the wall clock is none of it, and a restart begins the other one anew. */
int64_t fake_clock_shift_ms(void)
{
	struct shift shift = read_shift();
	return shift.boot_id != 0 ? shift.wall_ms : shift.boot_ms;
}

int64_t clock_boot_us(void)
{
	static int64_t looks;
	struct shift shift = read_shift();
	return real_clock_boot_us() + (shift.boot_ms + shift.each_ms * looks++) * 1000;
}

int64_t clock_wall_ms(void)
{
	return real_clock_wall_ms() + read_shift().wall_ms;
}

uint64_t clock_boot_id(void)
{
	uint64_t id = read_shift().boot_id;
	return id != 0 ? id : real_clock_boot_id();
}
