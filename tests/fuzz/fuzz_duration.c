/* fuzz_duration.c: durations, and seconds as a trace has them. */
#include "fuzz/fuzz.h"

#include "base/text.h"
#include "breaker/policy.h"
#include "replay/trace.h"
#include "settings/values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What was read is within its bounds, and its text means the same. */
static void check_duration(const char *text, int64_t ms)
{
	char again[TEXT_VALUE_SIZE];
	char wait[TEXT_VALUE_SIZE];
	int64_t ms_again;
	int64_t wait_ms;
	HOLDS(ms >= 0 && ms <= POLICY_MAX_MS);
	HOLDS((ms > 0) == (strpbrk(text, "123456789") != NULL)); /* a tiny duration is not none */
	text_duration(ms, again);
	HOLDS(value_duration_ms(again, &ms_again) && ms_again == ms);
	text_wait(ms, wait);
	HOLDS(value_duration_ms(wait, &wait_ms));
	HOLDS(wait_ms >= ms && wait_ms < ms + 1000);
	HOLDS(ms < 1000 || wait_ms == POLICY_MAX_MS || wait_ms % 1000 == 0);
}

/* Two durations with units, one behind the other, are their sum. */
static void check_sum(const char *text, int64_t ms)
{
	int64_t sum;
	char *both = malloc(strlen(text) + sizeof("2h"));
	HOLDS(both != NULL);
	strcpy(both, text);
	strcat(both, "2h");
	bool unit = !value_is_number(text);
	HOLDS(value_duration_ms(both, &sum) == unit || !unit);
	int64_t want = ms + 7200000 < POLICY_MAX_MS ? ms + 7200000 : POLICY_MAX_MS;
	HOLDS(!unit || sum == want);
	free(both);
}

static void check_seconds(const char *text, int64_t ms)
{
	double seconds = strtod(text, NULL);
	HOLDS(ms >= 0 && ms <= POLICY_MAX_MS);
	HOLDS(value_is_number(text));
	HOLDS(ms == POLICY_MAX_MS || fabs(seconds * 1000 - (double)ms) <= 0.51);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	int64_t ms = -7;
	int64_t seconds_ms = -7;
	bool is_duration = value_duration_ms(text, &ms);
	bool is_seconds = trace_seconds_ms(text, &seconds_ms);
	HOLDS(is_duration || ms == -7);
	HOLDS(is_seconds || seconds_ms == -7);
	HOLDS(is_seconds == value_is_number(text));
	HOLDS(is_duration || !is_seconds);
	if (is_duration) {
		check_duration(text, ms);
		check_sum(text, ms);
	}
	if (is_seconds)
		check_seconds(text, seconds_ms);
	free(text);
	return 0;
}
