/* text.c: escaping for people's terminals, and printing of values. */
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

static size_t sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xC2 && first < 0xE0)
		return 2;
	if (first >= 0xE0 && first < 0xF0)
		return 3;
	if (first >= 0xF0 && first < 0xF5)
		return 4;
	return 0;
}

/* Overlong forms, surrogates, and code points past U+10FFFF show in the second byte. */
static bool second_byte_fits(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xE0:
		return second >= 0xA0;
	case 0xED:
		return second < 0xA0;
	case 0xF0:
		return second >= 0x90;
	case 0xF4:
		return second < 0x90;
	default:
		return true;
	}
}

size_t text_utf8_length(const char *in)
{
	unsigned char first = (unsigned char)in[0];
	size_t length = first != 0 ? sequence_length(first) : 0;
	for (size_t i = 1; i < length; i++)
		if (!is_continuation(in[i]))
			return 0;
	if (length > 1 && !second_byte_fits(first, (unsigned char)in[1]))
		return 0;
	return length;
}

/* Controls of ASCII, and those of Latin-1, which some terminals obey too. */
static bool is_control(const char *in, size_t length)
{
	unsigned char first = (unsigned char)in[0];
	if (length == 1)
		return first < 0x20 || first == 0x7F;
	return first == 0xC2 && (unsigned char)in[1] < 0xA0;
}

bool text_fits_json(const char *in)
{
	while (*in != '\0') {
		size_t length = text_utf8_length(in);
		bool escaped = (unsigned char)*in < 0x20;
		if (length == 0 || (is_control(in, length) && !escaped))
			return false;
		in += length;
	}
	return true;
}

/* Separators of lines, and what turns the direction of the text behind it: U+2028 to 202E, U+2066 to 2069. */
static bool is_directive(const char *in, size_t length)
{
	unsigned char second = length == 3 ? (unsigned char)in[1] : 0;
	unsigned char third = length == 3 ? (unsigned char)in[2] : 0;
	if ((unsigned char)in[0] != 0xE2)
		return false;
	return (second == 0x80 && third >= 0xA8 && third <= 0xAE) ||
	       (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

/* Writes how the character at `in` is shown to `shown`; returns how many bytes of `in` it took. */
static size_t show(const char *in, char shown[8])
{
	static const char letters[] = "\a\b\t\n\v\f\r\033\\";
	static const char names[] = "abtnvfre\\";
	size_t length = text_utf8_length(in);
	const char *letter = length == 1 ? strchr(letters, in[0]) : NULL;
	if (letter != NULL) {
		snprintf(shown, 8, "\\%c", names[letter - letters]);
		return 1;
	}
	if (length == 0 || is_control(in, length) || is_directive(in, length)) {
		snprintf(shown, 8, "\\x%02x", (unsigned char)in[0]);
		return 1;
	}
	memcpy(shown, in, length);
	shown[length] = '\0';
	return length;
}

char *text_escape(const char *in, char *out, size_t size)
{
	static const char ellipsis[] = "...";
	size_t used = 0;
	size_t cut = 0; /* the last place where the ellipsis still fits */
	out[0] = '\0';
	while (*in != '\0') {
		char shown[8];
		in += show(in, shown);
		size_t length = strlen(shown);
		if (used + length >= size) {
			snprintf(out + cut, size - cut, "%s", ellipsis);
			return out;
		}
		memcpy(out + used, shown, length + 1);
		used += length;
		if (used + sizeof(ellipsis) <= size)
			cut = used;
	}
	return out;
}

char *text_cut(const char *in, char *out, size_t size)
{
	static const char ellipsis[] = "...";
	enum { LONGEST = 4 }; /* bytes of a character */
	size_t length = strlen(in);
	if (length < size) {
		memcpy(out, in, length + 1);
		return out;
	}
	length = size - sizeof(ellipsis);
	for (int i = 1; i < LONGEST && length > 0 && is_continuation(in[length]); i++)
		length--;
	memcpy(out, in, length);
	memcpy(out + length, ellipsis, sizeof(ellipsis));
	return out;
}

size_t text_columns(const char *text)
{
	size_t columns = 0;
	for (; *text != '\0'; text++)
		columns += !is_continuation(*text);
	return columns;
}

char *text_cut_columns(const char *in, char *out, size_t size, size_t columns)
{
	enum { DOTS = 3 };
	size_t kept = columns > DOTS ? columns - DOTS : columns;
	size_t length = 0;
	if (text_columns(in) <= columns)
		return text_cut(in, out, size);
	for (; in[length] != '\0' && length + DOTS + 1 < size; length++) {
		if (!is_continuation(in[length]) && kept-- == 0)
			break;
	}
	memcpy(out, in, length);
	snprintf(out + length, size - length, "%s", columns > DOTS ? "..." : "");
	return out;
}

void text_duration(int64_t ms, char text[TEXT_VALUE_SIZE])
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
	size_t used = 0;
	snprintf(text, TEXT_VALUE_SIZE, "0s");
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		int64_t count = ms / units[i].ms;
		ms %= units[i].ms;
		if (count > 0)
			used += (size_t)snprintf(text + used, TEXT_VALUE_SIZE - used, "%lld%s",
			                         (long long)count, units[i].name);
	}
}

void text_wait(int64_t ms, char text[TEXT_VALUE_SIZE])
{
	text_duration(ms < 1000 ? ms : (ms + 999) / 1000 * 1000, text);
}

void text_span(int64_t ms, char text[TEXT_VALUE_SIZE])
{
	enum { UNITS = 4 };
	static const char names[UNITS] = {'d', 'h', 'm', 's'};
	static const int64_t units[UNITS] = {86400000, 3600000, 60000, 1000};
	int i = 0;
	while (i < UNITS - 1 && ms < units[i])
		i++;
	int64_t count = ms / units[i];
	int64_t rest = i < UNITS - 1 ? ms % units[i] / units[i + 1] : 0;
	if (ms <= 0)
		snprintf(text, TEXT_VALUE_SIZE, "0s");
	else if (count == 0)
		snprintf(text, TEXT_VALUE_SIZE, "%lldms", (long long)ms);
	else if (rest == 0)
		snprintf(text, TEXT_VALUE_SIZE, "%lld%c", (long long)count, names[i]);
	else
		snprintf(text, TEXT_VALUE_SIZE, "%lld%c%02lld%c", (long long)count, names[i], (long long)rest,
		         names[i + 1]);
}

void text_decimal(int64_t value, int64_t unit, char text[TEXT_VALUE_SIZE])
{
	int digits = 0;
	for (int64_t rest = unit; rest > 1; rest /= 10)
		digits++;
	int length = snprintf(text, TEXT_VALUE_SIZE, "%lld.%0*lld", (long long)(value / unit), digits,
	                      (long long)(value % unit));
	while (length > 0 && text[length - 1] == '0')
		text[--length] = '\0';
	if (length > 0 && text[length - 1] == '.')
		text[length - 1] = '\0';
}

const char *text_plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

const char *text_next_item(const char *list, char *item, size_t size)
{
	size_t length = strcspn(list, ",");
	size_t kept = length < size ? length : size - 1;
	memcpy(item, list, kept);
	item[kept] = '\0';
	return list[length] == ',' ? list + length + 1 : NULL;
}
