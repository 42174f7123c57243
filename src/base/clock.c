/* clock.c: clocks, chance, and times as text. */
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { MS_PER_S = 1000, US_PER_S = 1000000, NS_PER_US = 1000, NS_PER_MS = 1000000 };

int64_t clock_boot_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / NS_PER_US;
}

int64_t clock_wall_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Reads at most `size` bytes of a small file; returns how many, -1 if it cannot. */
static ssize_t read_file(const char *path, char *bytes, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t length = read(fd, bytes, size);
	close(fd);
	return length;
}

/*
 * Tells time namespaces with different boot clocks apart; 0 for the machine's
 * own. Those that are equally far from it have the same clock, so they count as
 * the same.
 */
static uint64_t time_namespace(void)
{
	static const char machine[] = "time:[4026531834]"; /* PROC_TIME_INIT_INO of the kernel */
	char text[256];
	long long seconds;
	long long nanoseconds;
	ssize_t length = readlink("/proc/self/ns/time", text, sizeof(machine));
	if (length < 0 || (length == sizeof(machine) - 1 && memcmp(text, machine, sizeof(machine) - 1) == 0))
		return 0;
	length = read_file("/proc/self/timens_offsets", text, sizeof(text) - 1);
	text[length > 0 ? length : 0] = '\0';
	const char *boot = strstr(text, "boottime");
	if (boot == NULL || sscanf(boot, "boottime %lld %lld", &seconds, &nanoseconds) != 2)
		return 0;
	return (uint64_t)seconds * UINT64_C(1000000007) + (uint64_t)nanoseconds;
}

uint64_t clock_boot_id(void)
{
	char uuid[CLOCK_ID_LENGTH];
	uint64_t id = 0;
	ssize_t length = read_file("/proc/sys/kernel/random/boot_id", uuid, sizeof(uuid));
	for (ssize_t i = 0; i < length; i++)
		if (hex_value(uuid[i]) >= 0)
			id = id * 31 + (uint64_t)hex_value(uuid[i]) + 1;
	return id != 0 ? id + time_namespace() : 0;
}

uint32_t clock_chance(void)
{
	uint32_t chance = 0;
	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) != sizeof(chance))
		chance = (uint32_t)clock_boot_us() * UINT32_C(2654435761);
	return chance;
}

struct timespec clock_timespec(int64_t microseconds)
{
	return (struct timespec){.tv_sec = (time_t)(microseconds / US_PER_S),
	                         .tv_nsec = (long)(microseconds % US_PER_S) * NS_PER_US};
}

void clock_sleep_us(int64_t microseconds)
{
	struct timespec delay = clock_timespec(microseconds);
	nanosleep(&delay, NULL);
}

struct timespec clock_monotonic_after(int64_t microseconds)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return clock_timespec((int64_t)at.tv_sec * US_PER_S + at.tv_nsec / NS_PER_US + microseconds);
}

/* Floors, so that a moment before 1970 has its milliseconds right too. */
static time_t seconds_of(int64_t wall_ms, int *milliseconds)
{
	int64_t seconds = wall_ms / MS_PER_S - (wall_ms % MS_PER_S < 0);
	*milliseconds = (int)(wall_ms - seconds * MS_PER_S);
	return (time_t)seconds;
}

void clock_format_utc(int64_t wall_ms, char text[CLOCK_TEXT_SIZE])
{
	struct tm parts;
	int milliseconds;
	time_t seconds = seconds_of(wall_ms, &milliseconds);
	gmtime_r(&seconds, &parts);
	size_t length = strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + length, CLOCK_TEXT_SIZE - length, ".%03dZ", milliseconds);
}

static struct tm local_parts(int64_t wall_ms)
{
	struct tm parts;
	int milliseconds;
	time_t seconds = seconds_of(wall_ms, &milliseconds);
	localtime_r(&seconds, &parts);
	return parts;
}

/* strftime() has the zone without a colon, as RFC 3339 has it not. */
void clock_format_local(int64_t wall_ms, char text[CLOCK_TEXT_SIZE])
{
	struct tm parts = local_parts(wall_ms);
	size_t length = strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", &parts);
	long minutes = parts.tm_gmtoff / 60;
	long distance = minutes < 0 ? -minutes : minutes;
	snprintf(text + length, CLOCK_TEXT_SIZE - length, "%c%02ld:%02ld", minutes < 0 ? '-' : '+', distance / 60 % 100,
	         distance % 60);
}

void clock_format_minute(int64_t wall_ms, char text[CLOCK_TEXT_SIZE])
{
	struct tm parts = local_parts(wall_ms);
	strftime(text, CLOCK_TEXT_SIZE, "%a %Y-%m-%d %H:%M", &parts);
}

void clock_format_brief(int64_t wall_ms, int64_t now_wall_ms, char text[CLOCK_TEXT_SIZE])
{
	enum { SIX_DAYS_MS = 6 * 24 * 3600 * MS_PER_S };
	struct tm parts = local_parts(wall_ms);
	struct tm today = local_parts(now_wall_ms);
	int64_t distance_ms = wall_ms > now_wall_ms ? wall_ms - now_wall_ms : now_wall_ms - wall_ms;
	if (parts.tm_year == today.tm_year && parts.tm_yday == today.tm_yday)
		strftime(text, CLOCK_TEXT_SIZE, "%H:%M", &parts);
	else if (distance_ms < SIX_DAYS_MS)
		strftime(text, CLOCK_TEXT_SIZE, "%a %H:%M", &parts);
	else
		strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%d %H:%M", &parts);
}

void clock_format_syslog(int64_t wall_ms, char text[CLOCK_TEXT_SIZE])
{
	struct tm parts = local_parts(wall_ms);
	strftime(text, CLOCK_TEXT_SIZE, "%b %e %H:%M:%S", &parts);
}

void clock_format_zone(int64_t wall_ms, char text[CLOCK_TEXT_SIZE])
{
	struct tm parts = local_parts(wall_ms);
	long minutes = parts.tm_gmtoff / 60;
	long distance = minutes < 0 ? -minutes : minutes;
	snprintf(text, CLOCK_TEXT_SIZE, "UTC%c%02ld:%02ld", minutes < 0 ? '-' : '+', distance / 60 % 100, distance % 60);
}

int clock_hour_of_week(int64_t wall_ms)
{
	enum { DAYS = 7, HOURS = 24 };
	struct tm parts = local_parts(wall_ms);
	return (parts.tm_wday + DAYS - 1) % DAYS * HOURS + parts.tm_hour;
}
