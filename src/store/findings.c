/* findings.c: one line each. */
#include "store/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct finding {
	bool good;
	char *text;
};

void findings_tell(const struct findings *findings, bool good, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	findings->visit(findings->context, good, text);
}

void findings_keep(void *context, bool good, const char *finding)
{
	struct findings_kept *kept = context;
	char *text = strdup(finding);
	struct finding *place = text != NULL ? array_append(&kept->items, sizeof(*place)) : NULL;
	if (place != NULL) {
		*place = (struct finding){good, text};
		return;
	}
	free(text);
	kept->full = true;
}

void findings_hand_on(struct findings_kept *kept, const struct findings *to)
{
	const struct finding *findings = kept->items.items;
	for (size_t i = 0; i < kept->items.count; i++)
		to->visit(to->context, findings[i].good, findings[i].text);
	if (kept->full)
		findings_tell(to, false, "not all that was found can be told: out of memory");
	findings_forget(kept);
}

void findings_forget(struct findings_kept *kept)
{
	struct finding *findings = kept->items.items;
	for (size_t i = 0; i < kept->items.count; i++)
		free(findings[i].text);
	array_free(&kept->items);
	kept->full = false;
}
