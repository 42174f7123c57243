/*
 * units.h: how many of one unit of time make the next.
 */
#ifndef CBRUN_BASE_UNITS_H
#define CBRUN_BASE_UNITS_H

enum {
	MS_PER_S = 1000,
	US_PER_MS = 1000,
	US_PER_S = 1000000,
	NS_PER_US = 1000,
	NS_PER_MS = 1000000,
};

#endif
