/*
 * news.h: what a person wants to know about a breaker, for example in a mail: what
 * broke and since when, how it ended last, what happens next, and what to type.
 */
#ifndef CBRUN_COMMANDS_NEWS_H
#define CBRUN_COMMANDS_NEWS_H

#include "guard/guard.h"

enum { NEWS_SIZE = 960 };

/*
 * A NOTICE_TRANSITION by which the breaker opens or closes:
 * "broken: 3 failures since 08:29, the last with exit 7; next try at 08:47, or now: cbrun reset mirror".
 */
void news_format(const char *name, const struct guard_notice *notice, char text[NEWS_SIZE]);

/* A NOTICE_REMINDER: "still broken since Tue 08:29: ...". */
void news_format_reminder(const char *name, const struct guard_notice *notice, char text[NEWS_SIZE]);

/* A NOTICE_JUDGED: "exit 7 after 3ms: failure (2 of 5)". */
void news_format_verdict(const struct guard_notice *notice, char text[NEWS_SIZE]);

#endif
