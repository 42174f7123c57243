/* preset.c: the presets. */
#include "settings/preset.h"

const char *const preset_names[] = {"none", "conservative", "aggressive", "tolerant", "cron", 0};

static const struct preset_value none[] = {{0}};

static const struct preset_value conservative[] = {
	{"failures", "5"}, {"successes", "2"}, {"open-for", "60s"}, {"probes", "3"}, {0},
};

static const struct preset_value aggressive[] = {
	{"failures", "3"}, {"successes", "3"}, {"open-for", "30s"}, {"probes", "1"}, {0},
};

static const struct preset_value tolerant[] = {
	{"failures", "10"}, {"successes", "1"}, {"open-for", "120s"}, {"probes", "5"}, {0},
};

/* One mail when a job breaks, one when it is back, one a day between. */
static const struct preset_value cron[] = {
	{"failures", "3"},    {"successes", "1"}, {"probes", "1"},      {"open-for", "15m"},
	{"open-factor", "2"}, {"open-max", "1h"}, {"reject-exit", "0"}, {"output", "change"},
	{"remind", "1d"},     {0},
};

const struct preset_value *preset_values(int preset)
{
	static const struct preset_value *const values[] = {none, conservative, aggressive, tolerant, cron};
	return values[preset];
}
