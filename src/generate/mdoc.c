/* mdoc.c: the OPTIONS of cbrun.1; the keys, presets and programs of cbrun.conf.5. */
#include "generate/generate.h"
#include "generate/roff.h"
#include "settings/options.h"
#include "settings/preset.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What an option is called in a text: by its flag, or as a key, without dashes. */
enum style { AS_OPTIONS, AS_KEYS };

/* A word that names an option: a macro line of its own, with the punctuation behind the name apart. */
static void print_reference(enum style style, const char *word, size_t length)
{
	size_t end = length;
	while (strchr(",.;:)", word[end - 1]) != NULL)
		end--;
	fputs(style == AS_OPTIONS ? ".Fl \\-" : ".Cm ", stdout);
	roff_print(word + 2, end - 2);
	for (size_t i = end; i < length; i++)
		printf(" %c", word[i]);
}

static void print_word(const char *word, size_t length, bool capital)
{
	char first = capital ? (char)toupper((unsigned char)*word) : *word;
	roff_print(&first, 1);
	roff_print(word + 1, length - 1);
}

/* Prints sentences, a line each, as mdoc wants it; sets a capital in front and the last full stop. */
static void print_sentences(enum style style, const char *text)
{
	bool line_start = true;
	bool capital = true;
	for (;;) {
		size_t length = strcspn(text, " ");
		bool last = text[length] == '\0';
		bool reference = strncmp(text, "--", 2) == 0;
		if (!line_start)
			putchar(reference ? '\n' : ' ');
		if (reference)
			print_reference(style, text, length);
		else
			print_word(text, length, capital);
		if (last) {
			puts(reference ? " ." : ".");
			return;
		}
		capital = text[length - 1] == '.';
		line_start = reference || capital;
		if (line_start)
			putchar('\n');
		text += length + 1;
	}
}

static void print_default(const char *text)
{
	fputs("The default is ", stdout);
	roff_print(text, strlen(text));
	puts(".");
}

static void print_since(const struct option_row *row)
{
	if (row->since != NULL)
		printf("Since %s.\n", row->since);
}

static void print_option(const struct option_row *row)
{
	fputs(".It ", stdout);
	if (row->letter != '\0')
		printf("Fl %c , ", row->letter);
	fputs("Fl \\-", stdout);
	roff_print(row->name, strlen(row->name));
	if (row->argument != NULL)
		printf(" Ar %s", row->argument);
	putchar('\n');
	print_sentences(AS_OPTIONS, row->help);
	if (row->fallback != NULL && strcmp(row->fallback, "0") != 0)
		print_default(row->fallback);
	if (row->detail != NULL)
		print_sentences(AS_OPTIONS, row->detail);
	print_since(row);
}

static void print_choices(const char *const *words)
{
	printf("One of %s", words[0]);
	for (int i = 1; words[i] != NULL; i++)
		printf("%s %s", words[i + 1] != NULL ? "," : " or", words[i]);
	puts(".");
}

/* What is a value of the key; a text needs no more than its argument says. */
static void print_type(const struct option_row *row)
{
	static const char *const types[] = {
		[OPTION_FLAG] = "Yes or no.",
		[OPTION_PERCENT] = "A percentage.",
		[OPTION_WINDOW] = "A number of calls, or a duration with its unit.",
		[OPTION_OFTEN] = "A number, a slash and a duration.",
		[OPTION_SIGNAL] = "A signal.",
		[OPTION_LIST] = "A list of outcomes.",
		[OPTION_WORDS] = "A list of words.",
		[OPTION_PROGRAM] = "None, auto, or a program of those in OUTCOMES OF PROGRAMS.",
		[OPTION_NAME] = "A breaker's name.",
		[OPTION_NAMES] = "Breakers' names, separated by commas.",
		[OPTION_TEXT] = NULL,
	};
	if (row->kind == OPTION_CHOICE) {
		print_choices(row->choices);
	} else if (row->kind == OPTION_COUNT || row->kind == OPTION_FAILURES) {
		printf("A whole number from %lld to %lld%s.\n", (long long)row->min, (long long)row->max,
		       row->kind == OPTION_FAILURES ? ", or auto" : "");
	} else if (row->kind == OPTION_FACTOR) {
		printf("A number from %lld to %lld.\n", (long long)row->min / POLICY_MILLI,
		       (long long)row->max / POLICY_MILLI);
	} else if (row->kind == OPTION_DURATION) {
		printf("A duration%s.\n", row->min > 0 ? " longer than zero" : "");
	} else if (types[row->kind] != NULL) {
		puts(types[row->kind]);
	}
}

static void print_key(const struct option_row *row)
{
	const char *fallback = row->fallback;
	if (fallback == NULL && row->kind == OPTION_FLAG)
		fallback = "no";
	fputs(".It Cm ", stdout);
	roff_print(row->name, strlen(row->name));
	printf(" = Ar %s\n", row->argument != NULL ? row->argument : "yes|no");
	print_sentences(AS_KEYS, row->help);
	print_type(row);
	if (fallback != NULL)
		print_default(fallback);
	if (row->detail != NULL)
		print_sentences(AS_KEYS, row->detail);
	print_since(row);
}

/* The options of the scope, under the headings of their groups. */
static void print_groups(unsigned scope, void (*print_row)(const struct option_row *row))
{
	for (int group = 0; group < GROUPS; group++) {
		bool headed = false;
		for (size_t i = 0; i < option_count; i++) {
			const struct option_row *row = &option_rows[i];
			if (row->group != (enum option_group)group || (row->scope & scope) == 0)
				continue;
			if (!headed)
				printf(".Ss %s\n.Bl -tag -width Ds\n", option_group_title(row->group));
			headed = true;
			print_row(row);
		}
		if (headed)
			puts(".El");
	}
}

void generate_options(void)
{
	print_groups(SCOPE_GUARD, print_option);
}

void generate_keys(void)
{
	print_groups(SCOPE_CONFIG, print_key);
}

/* One with nothing in it is left out. */
static void print_preset(int preset)
{
	const struct preset_value *value = preset_values(preset);
	if (value->name == NULL)
		return;
	printf(".It Cm %s\n", preset_names[preset]);
	for (; value->name != NULL; value++) {
		bool last = (value + 1)->name == NULL;
		fputs(".Cm ", stdout);
		roff_print(value->name, strlen(value->name));
		printf(" No = %s %c\n", value->text, last ? '.' : ',');
	}
}

void generate_presets(void)
{
	puts(".Bl -tag -width Ds");
	for (int i = 0; preset_names[i] != NULL; i++)
		print_preset(i);
	puts(".El");
}

static void print_program_list(const char *what, const char *list)
{
	if (list == NULL)
		return;
	printf("%s: ", what);
	roff_print(list, strlen(list));
	puts(".");
}

static void print_program(const struct program *program)
{
	fputs(".It Cm ", stdout);
	roff_print(program->name, strlen(program->name));
	putchar('\n');
	if (program->also != NULL) {
		fputs("With auto, also ", stdout);
		roff_print(program->also, strlen(program->also));
		puts(".");
	}
	print_program_list("Failures", program->failure);
	print_program_list("Ignored", program->ignore);
	print_program_list("Successes", program->success);
	if (program->note != NULL)
		print_sentences(AS_OPTIONS, program->note);
	fputs("From: ", stdout);
	roff_print(program->source, strlen(program->source));
	puts(".");
}

void generate_programs(void)
{
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < program_count; i++)
		print_program(&programs[i]);
	puts(".El");
}
