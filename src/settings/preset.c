/*
 * preset.c: the presets, whose values `make experiments` has tried on 1,000 generated jobs, in outages of 2 hours in the median.
 *
 * How long to be open. If a failed run costs 1 and a good one that is rejected 2, the cheapest constant period is the geometric
 * mean of the time between two calls and the length of an outage. Of those tried, it was 2 min with a call each second, 5 min with
 * one each 10 s, 15 min each minute, 30 min each 5 minutes, 3 h each hour. So the periods of conservative, aggressive
 * and tolerant suit services that are called each few seconds: with a call each second an outage cost 237 with tolerant, the cheapest, 283
 * with conservative. cron's 15 min, doubled up to an hour, cost 17.7 with a call each 5 minutes, where the cheapest was 14.2; it was
 * the cheapest with one each 15 minutes (9.3), and cost 8.4 instead of 7.5 each hour. A factor of 1.5 is up to 9 % cheaper, which
 * is no reason to change what people know; nor are 2 successes, which cost as much as 1 where half the calls fail.
 *
 * cron and --failures auto. On jobs that fail 1 % of the time or less in health, which most do, 3 failures open 0 to 0.02 times a year for
 * nothing each 5 minutes to each day, auto 0.06 to 0.19 times; auto opens a call earlier if the service is gone (2 calls),
 * and at 2 to 5 calls instead of 10 if half of them fail. With 3 to 5 %, each 5 minutes: 6.0 and 0.4 times, after 3 and 4 calls; with 10 to
 * 20 %: 303 and 0.3 times, after 3 and 10 calls; each hour: 27 and 0.6 times, after 3 and 6 calls. auto needs a history: it goes by how
 * often a job runs, and three runs by hand in a row would not open it. So cron keeps its number, which everybody can foresee, and the
 * manual says for which jobs auto is better.
 */
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
