/* fuzz_list.c: lists of outcomes, signals, percentages, factors, counts and windows. */
#include "fuzz/fuzz.h"

#include "base/signal_name.h"
#include "base/text.h"
#include "breaker/outcome.h"
#include "breaker/policy.h"
#include "settings/values.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_LIST = 4096 };

/* The list written out, item by item. */
static void write_list(const struct outcome_list *list, char text[LONGEST_LIST])
{
	char *end = text;
	*end = '\0';
	for (int status = 0; status < 256; status++)
		if ((list->exits[status / 64] >> (status % 64) & 1) != 0)
			end += sprintf(end, ",%d", status);
	for (int signal = 1; signal <= 64; signal++) {
		const char *name = signal_name(signal);
		if ((list->signals >> (signal - 1) & 1) == 0)
			continue;
		if (name != NULL)
			end += sprintf(end, ",SIG%s", name);
		else if (signal >= SIGRTMIN)
			end += sprintf(end, ",RTMIN+%d", signal - SIGRTMIN);
		else /* the C library's own have no names: only all signals together hold them */
			end += sprintf(end, ",signal");
	}
	end += sprintf(end, "%s%s", list->timeout ? ",timeout" : "", list->any ? ",any" : "");
}

static void check_list(const struct outcome_list *list)
{
	char text[LONGEST_LIST];
	struct outcome_list again;
	write_list(list, text);
	HOLDS(value_list(text[0] == ',' ? text + 1 : text, &again));
	HOLDS(memcmp(again.exits, list->exits, sizeof(again.exits)) == 0);
	HOLDS(again.signals == list->signals);
	HOLDS(again.timeout == list->timeout && again.any == list->any);
}

static void check_signal(int64_t signal)
{
	char number[8];
	int64_t again;
	HOLDS(signal >= 1 && signal <= 64);
	snprintf(number, sizeof(number), "%" PRId64, signal);
	HOLDS(value_signal(number, &again) && again == signal);
}

static void check_percent(int64_t ppm)
{
	char text[TEXT_VALUE_SIZE];
	int64_t again;
	HOLDS(ppm >= 0 && ppm <= POLICY_PPM);
	text_decimal(ppm, POLICY_PPM / 100, text);
	HOLDS(value_percent_ppm(text, &again) && again == ppm);
	strcat(text, "%");
	HOLDS(value_percent_ppm(text, &again) && again == ppm);
}

static void check_factor(int64_t milli)
{
	char text[TEXT_VALUE_SIZE];
	int64_t again;
	HOLDS(milli >= 0);
	text_decimal(milli, POLICY_MILLI, text);
	HOLDS(milli == INT64_MAX || (value_factor_milli(text, &again) && again == milli));
}

static void check_count(const char *text, int64_t count)
{
	HOLDS(count >= 0);
	HOLDS(strspn(text, "0123456789") == strlen(text));
	HOLDS(count == strtoll(text, NULL, 10)); /* which stays at its largest number, too */
}

static void check_window(const char *text, int64_t kind, int64_t size)
{
	int64_t count;
	int64_t ms;
	HOLDS(kind == WINDOW_CALLS || kind == WINDOW_TIME);
	if (kind == WINDOW_CALLS)
		HOLDS(value_count(text, &count) && count == size);
	else
		HOLDS(value_duration_ms(text, &ms) && ms == size && !value_is_number(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct outcome_list list;
	int64_t kind;
	int64_t value;
	if (value_list(text, &list))
		check_list(&list);
	if (value_signal(text, &value))
		check_signal(value);
	if (value_percent_ppm(text, &value))
		check_percent(value);
	if (value_factor_milli(text, &value))
		check_factor(value);
	if (value_count(text, &value))
		check_count(text, value);
	if (value_window(text, &kind, &value))
		check_window(text, kind, value);
	free(text);
	return 0;
}
