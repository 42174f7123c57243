/* outcome.c: judging how a command ended. */
#include "breaker/outcome.h"

#include <errno.h>
#include <signal.h>

enum { TIMEOUT_STATUS = 124, SIGNAL_BASE = 128, LAST_SIGNAL = 64 };

void outcome_list_add_exit(struct outcome_list *list, int status)
{
	list->exits[(status >> 6) & 3] |= UINT64_C(1) << (status & 63);
}

void outcome_list_add_signal(struct outcome_list *list, int signal)
{
	list->signals |= UINT64_C(1) << ((signal - 1) & 63);
}

static bool has_exit(const struct outcome_list *list, int status)
{
	return (list->exits[(status >> 6) & 3] >> (status & 63)) & 1;
}

static bool has_signal(const struct outcome_list *list, int signal)
{
	if (signal < 1 || signal > LAST_SIGNAL)
		return false;
	return (list->signals >> (signal - 1)) & 1 || has_exit(list, SIGNAL_BASE + signal);
}

bool outcome_list_has(const struct outcome_list *list, struct ending ending)
{
	switch (ending.kind) {
	case ENDING_EXITED:
		return list->any || has_exit(list, ending.value);
	case ENDING_SIGNALED:
		return list->any || has_signal(list, ending.value);
	case ENDING_TIMED_OUT:
		return list->any || list->timeout || has_exit(list, TIMEOUT_STATUS);
	case ENDING_CANCELLED:
	case ENDING_NOT_STARTED:
		return false;
	}
	return false;
}

bool outcome_lists_overlap(const struct outcome_list *a, const struct outcome_list *b)
{
	for (int i = 0; i < 4; i++)
		if (a->exits[i] & b->exits[i])
			return true;
	return (a->signals & b->signals) != 0 || (a->timeout && b->timeout);
}

/* Whether one of the user's lists says what the ending is; --ignore-on has been asked before. */
static bool is_listed(const struct outcome_rules *rules, struct ending ending)
{
	return (rules->failure_given && outcome_list_has(&rules->failure, ending)) ||
	       outcome_list_has(&rules->success, ending);
}

/* Signals and the time limit are not the program's to explain, so 128 + n is looked up for an exit alone. */
static bool program_lists(const struct outcome_list *list, struct ending ending)
{
	return ending.kind == ENDING_EXITED && outcome_list_has(list, ending);
}

enum ignored_cause outcome_ignored_cause(const struct outcome_rules *rules, struct ending ending)
{
	if (ending.kind == ENDING_CANCELLED)
		return IGNORED_CANCELLED;
	if (ending.kind == ENDING_NOT_STARTED)
		return ending.value == ETIME ? IGNORED_TOO_LATE : IGNORED_NOT_STARTED;
	if (ending.kind == ENDING_SIGNALED && ending.value == SIGPIPE)
		return IGNORED_BROKEN_PIPE;
	if (outcome_list_has(&rules->ignore, ending))
		return IGNORED_BY_LIST;
	bool callers = program_lists(&rules->program_ignore, ending) && !is_listed(rules, ending);
	return callers ? IGNORED_CALLER : IGNORED_UNKNOWN;
}

enum outcome outcome_judge(const struct outcome_rules *rules, struct ending ending)
{
	if (outcome_ignored_cause(rules, ending) != IGNORED_UNKNOWN)
		return OUTCOME_IGNORED;
	bool failed = rules->failure_given ? outcome_list_has(&rules->failure, ending)
	                                   : !outcome_list_has(&rules->success, ending) &&
	                                             !program_lists(&rules->program_success, ending);
	if (!failed)
		return OUTCOME_SUCCESS;
	return ending.kind == ENDING_TIMED_OUT ? OUTCOME_TIMEOUT : OUTCOME_FAILURE;
}

struct verdict outcome_decide(const struct outcome_rules *rules, struct ending ending, enum outcome_hint hint)
{
	bool ended_itself = ending.kind == ENDING_EXITED || ending.kind == ENDING_SIGNALED;
	switch (ended_itself ? hint : HINT_NONE) {
	case HINT_SUCCESS:
		return (struct verdict){.outcome = OUTCOME_SUCCESS};
	case HINT_FAILURE:
		return (struct verdict){.outcome = OUTCOME_FAILURE};
	case HINT_IGNORED:
		return (struct verdict){.outcome = OUTCOME_IGNORED, .cause = IGNORED_BY_HINT};
	case HINT_NONE:
		break;
	}
	return (struct verdict){outcome_judge(rules, ending), outcome_ignored_cause(rules, ending)};
}

const char *outcome_name(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_SUCCESS:
		return "success";
	case OUTCOME_FAILURE:
		return "failure";
	case OUTCOME_TIMEOUT:
		return "timeout";
	case OUTCOME_IGNORED:
		return "ignored";
	}
	return "?";
}
