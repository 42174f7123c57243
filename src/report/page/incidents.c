/* incidents.c: keeping the newest of them. */
#include "report/page/incidents.h"

#include "report/reason.h"

#include <stdlib.h>
#include <string.h>

char *incidents_words(const struct reason *reason)
{
	char text[REASON_LINE_SIZE] = "";
	if (reason != NULL)
		reason_format(reason, text);
	return strdup(text);
}

static void forget(struct survey_incident *incident)
{
	free(incident->cause);
	free(incident->ending);
}

static int compare(const void *left, const void *right)
{
	const struct survey_incident *a = left;
	const struct survey_incident *b = right;
	if (a->over != b->over)
		return a->over ? 1 : -1;
	if (a->since_ms != b->since_ms)
		return a->since_ms > b->since_ms ? -1 : 1;
	return (a->breaker > b->breaker) - (a->breaker < b->breaker);
}

void incidents_settle(struct survey *s)
{
	struct survey_incident *incidents = s->incidents.items;
	if (s->incidents.count > 1)
		qsort(incidents, s->incidents.count, sizeof(*incidents), compare);
	while (s->incidents.count > SURVEY_LISTED)
		forget(&incidents[--s->incidents.count]);
}

bool incidents_add(struct survey *s, const struct survey_incident *incident, const struct reason *cause,
                   const struct reason *ending)
{
	if (s->incidents.count == 2 * SURVEY_LISTED)
		incidents_settle(s);
	struct survey_incident *place = array_append(&s->incidents, sizeof(*place));
	if (place == NULL)
		return false;
	*place = *incident;
	place->cause = incidents_words(cause);
	place->ending = incidents_words(ending);
	return place->cause != NULL && place->ending != NULL;
}

void incidents_free(struct survey *s)
{
	struct survey_incident *incidents = s->incidents.items;
	for (size_t i = 0; i < s->incidents.count; i++)
		forget(&incidents[i]);
	array_free(&s->incidents);
}
