/*
 * clock.h: the one place where the program reads clocks and draws random numbers.
 */
#ifndef CBRUN_BASE_CLOCK_H
#define CBRUN_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

enum { CLOCK_ID_LENGTH = 36 }; /* the kernel's boot id is a UUID */

/* CLOCK_BOOTTIME in microseconds: goes on while the machine sleeps, never back. */
int64_t clock_boot_us(void);

/* CLOCK_REALTIME in milliseconds since 1970 UTC. */
int64_t clock_wall_ms(void);

/*
 * A number that identifies this boot of the machine, and a time namespace whose
 * CLOCK_BOOTTIME differs from the machine's; 0 if the kernel does not say.
 */
uint64_t clock_boot_id(void);

/* A random number, uniform over its range. */
uint32_t clock_chance(void);

/* So many microseconds, 0 or more, as the system's calls take them. */
struct timespec clock_timespec(int64_t microseconds);

/* Sleeps for so many microseconds, or less if a signal comes. */
void clock_sleep_us(int64_t microseconds);

/* So many microseconds from now, on CLOCK_MONOTONIC: for what waits by that clock, which stands still while the machine sleeps. */
struct timespec clock_monotonic_after(int64_t microseconds);

enum { CLOCK_TEXT_SIZE = 32 };

/* Writes wall_ms as RFC 3339 in UTC with milliseconds: 2026-01-31T12:00:00.000Z. */
void clock_format_utc(int64_t wall_ms, char text[CLOCK_TEXT_SIZE]);

/* Writes wall_ms in local time, with its zone, for people: 2026-01-31 12:00:00+01:00. */
void clock_format_local(int64_t wall_ms, char text[CLOCK_TEXT_SIZE]);

/* The same, short, with the day of the week: Sat 2026-01-31 12:00. */
void clock_format_minute(int64_t wall_ms, char text[CLOCK_TEXT_SIZE]);

/* The same for people who know what day it is: 08:29; if that is not today, Tue 08:29, or the date. */
void clock_format_brief(int64_t wall_ms, int64_t now_wall_ms, char text[CLOCK_TEXT_SIZE]);

/* The same as syslog has it: Jan 31 12:00:00, or Jan  1. */
void clock_format_syslog(int64_t wall_ms, char text[CLOCK_TEXT_SIZE]);

/* How far local time is from UTC at that moment, in its own words: UTC+01:00. */
void clock_format_zone(int64_t wall_ms, char text[CLOCK_TEXT_SIZE]);

/* The hour of the week in local time, from Monday's first, 0, to Sunday's last, 167. */
int clock_hour_of_week(int64_t wall_ms);

#endif
