/* values.c: parsing and printing of single values. */
#include "settings/values.h"

#include "base/decimal.h"
#include "base/signal_name.h"
#include "base/text.h"
#include "base/units.h"
#include "breaker/policy.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_LENGTH = 128, MAX_EXIT = 255, MAX_SIGNAL = 64 };

bool value_count(const char *text, int64_t *value)
{
	int64_t count;
	const char *end = decimal_read_count(text, &count);
	if (end == NULL || *end != '\0')
		return false;
	*value = count;
	return true;
}

bool value_is_number(const char *text)
{
	struct decimal d;
	const char *end = decimal_read(text, &d);
	return end != NULL && *end == '\0';
}

static const struct {
	const char *name;
	int64_t ms;
} duration_units[] = {{"ms", 1}, {"s", MS_PER_S}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
enum { DURATION_UNITS = sizeof(duration_units) / sizeof(duration_units[0]) };

/* Reads a unit's name; returns its milliseconds, or 0 if there is none. */
static int64_t read_unit(const char **text)
{
	size_t length = strspn(*text, "dhms");
	for (size_t i = 0; i < DURATION_UNITS; i++) {
		const char *name = duration_units[i].name;
		if (strlen(name) == length && strncmp(*text, name, length) == 0) {
			*text += length;
			return duration_units[i].ms;
		}
	}
	return 0;
}

static int64_t part_ms(const struct decimal *d, int64_t unit_ms)
{
	if (d->whole >= POLICY_MAX_MS / unit_ms)
		return POLICY_MAX_MS;
	int64_t fraction = d->billionths * unit_ms;
	bool rest = fraction % DECIMAL_BILLIONTHS != 0 || d->more;
	return d->whole * unit_ms + fraction / DECIMAL_BILLIONTHS + rest;
}

bool value_duration_ms(const char *text, int64_t *value)
{
	int64_t total = 0;
	bool first = true;
	do {
		struct decimal d;
		text = decimal_read(text, &d);
		if (text == NULL)
			return false;
		int64_t unit_ms = first && *text == '\0' ? MS_PER_S : read_unit(&text);
		if (unit_ms == 0)
			return false;
		total += part_ms(&d, unit_ms);
		if (total > POLICY_MAX_MS)
			total = POLICY_MAX_MS;
		first = false;
	} while (*text != '\0');
	*value = total;
	return true;
}

bool value_percent_ppm(const char *text, int64_t *value)
{
	struct decimal d;
	const char *end = decimal_read(text, &d);
	if (end == NULL || (strcmp(end, "") != 0 && strcmp(end, "%") != 0))
		return false;
	int64_t ppm = decimal_in_units(&d, POLICY_PPM / 100);
	if (ppm < 0 || ppm > POLICY_PPM)
		return false;
	*value = ppm;
	return true;
}

bool value_factor_milli(const char *text, int64_t *value)
{
	struct decimal d;
	const char *end = decimal_read(text, &d);
	if (end == NULL || *end != '\0')
		return false;
	int64_t milli = decimal_in_units(&d, POLICY_MILLI);
	if (milli < 0)
		return false;
	*value = milli;
	return true;
}

bool value_often(const char *text, int64_t *times, int64_t *ms)
{
	int64_t count;
	int64_t duration_ms;
	const char *end = decimal_read_count(text, &count);
	if (end == NULL || *end != '/' || !value_duration_ms(end + 1, &duration_ms) || count < 1 || duration_ms < 1)
		return false;
	*times = count;
	*ms = duration_ms;
	return true;
}

bool value_window(const char *text, int64_t *kind, int64_t *size)
{
	if (value_count(text, size)) {
		*kind = WINDOW_CALLS;
		return true;
	}
	bool unit = *text != '\0' && isalpha((unsigned char)text[strlen(text) - 1]);
	if (!unit || !value_duration_ms(text, size))
		return false;
	*kind = WINDOW_TIME;
	return true;
}

/* RTMIN, RTMIN+n, RTMAX, RTMAX-n. */
static bool realtime_signal(const char *name, int64_t *value)
{
	int64_t offset = 0;
	bool from_min = strncasecmp(name, "RTMIN", 5) == 0;
	char sign = from_min ? '+' : '-';
	if (!from_min && strncasecmp(name, "RTMAX", 5) != 0)
		return false;
	if (name[5] != '\0' && (name[5] != sign || !value_count(name + 6, &offset)))
		return false;
	if (offset > SIGRTMAX - SIGRTMIN)
		return false;
	*value = from_min ? SIGRTMIN + offset : SIGRTMAX - offset;
	return true;
}

bool value_signal(const char *text, int64_t *value)
{
	int64_t number;
	if (value_count(text, &number)) {
		if (number < 1 || number > MAX_SIGNAL)
			return false;
		*value = number;
		return true;
	}
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (int signal = 1; signal <= MAX_SIGNAL; signal++) {
		const char *name = signal_name(signal);
		if (name != NULL && strcasecmp(name, text) == 0) {
			*value = signal;
			return true;
		}
	}
	return realtime_signal(text, value);
}

/* "5" or "5-7". */
static bool add_exits(const char *item, struct outcome_list *list)
{
	char first_text[8];
	int64_t first;
	int64_t last;
	const char *dash = strchr(item, '-');
	size_t length = dash != NULL ? (size_t)(dash - item) : strlen(item);
	if (length >= sizeof(first_text))
		return false;
	memcpy(first_text, item, length);
	first_text[length] = '\0';
	if (!value_count(first_text, &first) || !value_count(dash != NULL ? dash + 1 : first_text, &last))
		return false;
	if (first > last || last > MAX_EXIT)
		return false;
	for (int64_t status = first; status <= last; status++)
		outcome_list_add_exit(list, (int)status);
	return true;
}

static bool add_item(const char *item, struct outcome_list *list)
{
	int64_t signal;
	if (strcmp(item, "any") == 0) {
		list->any = true;
	} else if (strcmp(item, "timeout") == 0) {
		list->timeout = true;
	} else if (strcmp(item, "signal") == 0) {
		list->signals = UINT64_MAX;
	} else if (isdigit((unsigned char)item[0])) {
		return add_exits(item, list);
	} else if (value_signal(item, &signal)) {
		outcome_list_add_signal(list, (int)signal);
	} else {
		return false;
	}
	return true;
}

bool value_list(const char *text, struct outcome_list *value)
{
	struct outcome_list list = {0};
	bool ok = true;
	char *copy = strdup(text);
	if (copy == NULL)
		return false;
	char *rest = copy;
	char *item;
	/* an empty list is a list; an empty item is a slip */
	while (ok && *text != '\0' && (item = strsep(&rest, ",")) != NULL)
		ok = add_item(item, &list);
	free(copy);
	if (ok)
		*value = list;
	return ok;
}

static bool is_made_of(const char *text, const char *more)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/@+-";
	size_t length = strlen(text);
	for (size_t i = 0; i < length && i <= NAME_MAX_LENGTH; i++)
		if (strchr(allowed, text[i]) == NULL && strchr(more, text[i]) == NULL)
			return false;
	return length >= 1 && length <= NAME_MAX_LENGTH && text[0] != '-';
}

bool value_is_name(const char *text)
{
	return is_made_of(text, "");
}

bool value_is_names(const char *text)
{
	char name[NAME_MAX_LENGTH + 2]; /* what is too long stays so */
	for (const char *rest = text; rest != NULL;) {
		rest = text_next_item(rest, name, sizeof(name));
		if (!value_is_name(name))
			return false;
	}
	return true;
}

bool value_is_glob(const char *text)
{
	return is_made_of(text, "*?") && !value_is_name(text);
}
