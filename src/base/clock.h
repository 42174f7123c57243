/*
 * clock.h: the one place where the program reads clocks and draws chance.
 */
#ifndef CBRUN_BASE_CLOCK_H
#define CBRUN_BASE_CLOCK_H

#include <stdint.h>

enum { CLOCK_ID_LENGTH = 36 }; /* the kernel's boot id is a UUID */

/* CLOCK_BOOTTIME in microseconds: goes on while the machine sleeps, never back. */
int64_t clock_boot_us(void);

/* CLOCK_REALTIME in milliseconds since 1970 UTC. */
int64_t clock_wall_ms(void);

/*
 * A number that tells this boot of the machine from others, and a time namespace
 * whose CLOCK_BOOTTIME is another from the machine's; 0 if the kernel does not say.
 */
uint64_t clock_boot_id(void);

/* A random number, uniform over its range. */
uint32_t clock_chance(void);

/* Sleeps for so many microseconds, or less if a signal comes. */
void clock_sleep_us(int64_t microseconds);

enum { CLOCK_TEXT_SIZE = 32 };

/* Writes wall_ms as RFC 3339 in UTC with milliseconds: 2026-01-31T12:00:00.000Z. */
void clock_format_utc(int64_t wall_ms, char text[CLOCK_TEXT_SIZE]);

/* Writes wall_ms in local time, with its zone, for people: 2026-01-31 12:00:00+01:00. */
void clock_format_local(int64_t wall_ms, char text[CLOCK_TEXT_SIZE]);

/* The same, short, with the day of the week: Sat 2026-01-31 12:00. */
void clock_format_minute(int64_t wall_ms, char text[CLOCK_TEXT_SIZE]);

/* The same for who knows what day it is: 08:29; on another day than now's Tue 08:29, or the date. */
void clock_format_brief(int64_t wall_ms, int64_t now_wall_ms, char text[CLOCK_TEXT_SIZE]);

#endif
