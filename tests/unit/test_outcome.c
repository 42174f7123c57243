/* test_outcome.c: lists of endings, and how an ending is judged. */
#include "breaker/outcome.h"

#include "suites.h"

#include <errno.h>
#include <signal.h>

static struct ending exited(int status)
{
	return (struct ending){ENDING_EXITED, status};
}

static struct ending killed(int signal)
{
	return (struct ending){ENDING_SIGNALED, signal};
}

static const struct ending timed_out = {ENDING_TIMED_OUT, 0};
static const struct ending cancelled = {ENDING_CANCELLED, SIGINT};
static const struct ending not_started = {ENDING_NOT_STARTED, ENOENT};

/* The rules without any option: exit 0 succeeds. */
static struct outcome_rules plain_rules(void)
{
	struct outcome_rules rules = {0};
	outcome_list_add_exit(&rules.success, 0);
	return rules;
}

static void check_judged(struct unit *u, const struct outcome_rules *rules, struct ending ending,
                         enum outcome want)
{
	CHECK_STR(u, outcome_name(outcome_judge(rules, ending)), outcome_name(want));
}

static void an_empty_list_names_nothing(struct unit *u)
{
	struct outcome_list list = {0};
	for (int i = 0; i < 256; i++)
		CHECK(u, !outcome_list_has(&list, exited(i)));
	for (int i = 1; i <= 64; i++)
		CHECK(u, !outcome_list_has(&list, killed(i)));
	CHECK(u, !outcome_list_has(&list, timed_out));
}

static void an_exit_status_names_itself_alone(struct unit *u)
{
	for (int status = 0; status < 256; status++) {
		struct outcome_list list = {0};
		outcome_list_add_exit(&list, status);
		for (int other = 0; other < 256; other++)
			CHECK_INT(u, outcome_list_has(&list, exited(other)), other == status);
	}
}

static void a_signal_names_itself_alone(struct unit *u)
{
	for (int signal = 1; signal <= 64; signal++) {
		struct outcome_list list = {0};
		outcome_list_add_signal(&list, signal);
		for (int other = 1; other <= 64; other++)
			CHECK_INT(u, outcome_list_has(&list, killed(other)), other == signal);
		CHECK(u, !outcome_list_has(&list, exited(128 + signal)));
		CHECK(u, !outcome_list_has(&list, timed_out));
	}
}

static void a_signal_is_found_under_its_exit_status(struct unit *u)
{
	struct outcome_list list = {0};
	outcome_list_add_exit(&list, 128 + SIGSEGV);
	CHECK(u, outcome_list_has(&list, killed(SIGSEGV)));
	CHECK(u, !outcome_list_has(&list, killed(SIGBUS)));
	outcome_list_add_exit(&list, 128 + 64);
	CHECK(u, outcome_list_has(&list, killed(64)));
}

static void no_signal_has_no_number(struct unit *u)
{
	struct outcome_list list = {.signals = UINT64_MAX};
	outcome_list_add_exit(&list, 128);
	outcome_list_add_exit(&list, 128 + 65);
	CHECK(u, !outcome_list_has(&list, killed(0)));
	CHECK(u, !outcome_list_has(&list, killed(-1)));
	CHECK(u, !outcome_list_has(&list, killed(65)));
}

static void the_time_limit_is_found_under_124(struct unit *u)
{
	struct outcome_list list = {.timeout = true};
	CHECK(u, outcome_list_has(&list, timed_out));
	CHECK(u, !outcome_list_has(&list, exited(124)));
	list = (struct outcome_list){0};
	outcome_list_add_exit(&list, 124);
	CHECK(u, outcome_list_has(&list, timed_out));
	CHECK(u, outcome_list_has(&list, exited(124)));
}

static void any_names_whatever_ran(struct unit *u)
{
	struct outcome_list list = {.any = true};
	CHECK(u, outcome_list_has(&list, exited(0)));
	CHECK(u, outcome_list_has(&list, exited(255)));
	CHECK(u, outcome_list_has(&list, killed(SIGKILL)));
	CHECK(u, outcome_list_has(&list, timed_out));
	CHECK(u, !outcome_list_has(&list, cancelled));
	CHECK(u, !outcome_list_has(&list, not_started));
}

static void lists_overlap_in_what_both_name(struct unit *u)
{
	struct outcome_list a = {.timeout = true, .any = true};
	struct outcome_list b = {.any = true};
	CHECK(u, !outcome_lists_overlap(&a, &b));
	b.timeout = true;
	CHECK(u, outcome_lists_overlap(&a, &b));
	a = b = (struct outcome_list){0};
	CHECK(u, !outcome_lists_overlap(&a, &b));
	outcome_list_add_signal(&a, 64);
	outcome_list_add_signal(&b, 63);
	CHECK(u, !outcome_lists_overlap(&a, &b));
	outcome_list_add_signal(&b, 64);
	CHECK(u, outcome_lists_overlap(&a, &b));
}

static void lists_overlap_in_every_exit_status(struct unit *u)
{
	for (int status = 0; status < 256; status++) {
		struct outcome_list a = {0};
		struct outcome_list b = {0};
		outcome_list_add_exit(&a, status);
		outcome_list_add_exit(&b, (status + 1) % 256);
		CHECK(u, !outcome_lists_overlap(&a, &b));
		outcome_list_add_exit(&b, status);
		CHECK(u, outcome_lists_overlap(&a, &b));
		CHECK(u, outcome_lists_overlap(&b, &a));
	}
}

static void by_default_exit_zero_alone_succeeds(struct unit *u)
{
	struct outcome_rules rules = plain_rules();
	check_judged(u, &rules, exited(0), OUTCOME_SUCCESS);
	for (int status = 1; status < 256; status++)
		check_judged(u, &rules, exited(status), OUTCOME_FAILURE);
	for (int signal = 1; signal <= 64; signal++)
		check_judged(u, &rules, killed(signal), signal == SIGPIPE ? OUTCOME_IGNORED : OUTCOME_FAILURE);
	check_judged(u, &rules, timed_out, OUTCOME_TIMEOUT);
}

static void cancelled_and_not_started_are_ignored_whatever_the_lists(struct unit *u)
{
	struct outcome_rules rules = plain_rules();
	check_judged(u, &rules, cancelled, OUTCOME_IGNORED);
	check_judged(u, &rules, not_started, OUTCOME_IGNORED);
	rules.failure.any = rules.failure_given = true;
	check_judged(u, &rules, cancelled, OUTCOME_IGNORED);
	check_judged(u, &rules, not_started, OUTCOME_IGNORED);
	rules = (struct outcome_rules){.success = {.any = true}};
	check_judged(u, &rules, cancelled, OUTCOME_IGNORED);
	check_judged(u, &rules, not_started, OUTCOME_IGNORED);
}

static void ignore_goes_before_everything(struct unit *u)
{
	struct outcome_rules rules = plain_rules();
	outcome_list_add_exit(&rules.ignore, 0);
	outcome_list_add_exit(&rules.ignore, 3);
	check_judged(u, &rules, exited(0), OUTCOME_IGNORED);
	check_judged(u, &rules, exited(3), OUTCOME_IGNORED);
	outcome_list_add_exit(&rules.failure, 3);
	rules.failure_given = true;
	check_judged(u, &rules, exited(3), OUTCOME_IGNORED);
	rules.ignore.timeout = true;
	check_judged(u, &rules, timed_out, OUTCOME_IGNORED);
}

static void success_on_names_further_successes(struct unit *u)
{
	struct outcome_rules rules = {0};
	outcome_list_add_exit(&rules.success, 1);
	outcome_list_add_signal(&rules.success, SIGALRM);
	check_judged(u, &rules, exited(1), OUTCOME_SUCCESS);
	check_judged(u, &rules, killed(SIGALRM), OUTCOME_SUCCESS);
	check_judged(u, &rules, exited(0), OUTCOME_FAILURE);
	rules.success.timeout = true;
	check_judged(u, &rules, timed_out, OUTCOME_SUCCESS);
}

static void failure_on_leaves_the_rest_to_succeed(struct unit *u)
{
	struct outcome_rules rules = plain_rules();
	outcome_list_add_exit(&rules.failure, 7);
	rules.failure_given = true;
	check_judged(u, &rules, exited(7), OUTCOME_FAILURE);
	check_judged(u, &rules, exited(8), OUTCOME_SUCCESS);
	check_judged(u, &rules, killed(SIGKILL), OUTCOME_SUCCESS);
	check_judged(u, &rules, timed_out, OUTCOME_SUCCESS);
	rules.failure.timeout = true;
	check_judged(u, &rules, timed_out, OUTCOME_TIMEOUT);
}

static void failure_goes_before_success(struct unit *u)
{
	struct outcome_rules rules = plain_rules();
	outcome_list_add_exit(&rules.failure, 0);
	rules.failure_given = true;
	check_judged(u, &rules, exited(0), OUTCOME_FAILURE);
}

static void a_failure_list_that_was_not_given_names_nothing(struct unit *u)
{
	struct outcome_rules rules = plain_rules();
	outcome_list_add_exit(&rules.failure, 0);
	check_judged(u, &rules, exited(0), OUTCOME_SUCCESS);
}

static void outcomes_have_names(struct unit *u)
{
	CHECK_STR(u, outcome_name(OUTCOME_SUCCESS), "success");
	CHECK_STR(u, outcome_name(OUTCOME_FAILURE), "failure");
	CHECK_STR(u, outcome_name(OUTCOME_TIMEOUT), "timeout");
	CHECK_STR(u, outcome_name(OUTCOME_IGNORED), "ignored");
}

/* A program of which 1 to 254 is the caller's own fault, but 24 a success. */
static struct outcome_rules program_rules_for_test(void)
{
	struct outcome_rules rules = plain_rules();
	for (int status = 1; status < 255; status++)
		outcome_list_add_exit(status == 24 ? &rules.program_success : &rules.program_ignore, status);
	return rules;
}

static void a_program_s_exit_statuses_are_known(struct unit *u)
{
	struct outcome_rules rules = program_rules_for_test();
	check_judged(u, &rules, exited(0), OUTCOME_SUCCESS);
	check_judged(u, &rules, exited(1), OUTCOME_IGNORED);
	check_judged(u, &rules, exited(24), OUTCOME_SUCCESS);
	check_judged(u, &rules, exited(255), OUTCOME_FAILURE);
	CHECK_INT(u, outcome_ignored_cause(&rules, exited(1)), IGNORED_CALLER);
	CHECK_INT(u, outcome_ignored_cause(&rules, exited(255)), IGNORED_UNKNOWN);
}

static void a_program_does_not_explain_signals_and_the_time_limit(struct unit *u)
{
	struct outcome_rules rules = program_rules_for_test();
	check_judged(u, &rules, killed(SIGSEGV), OUTCOME_FAILURE);
	check_judged(u, &rules, timed_out, OUTCOME_TIMEOUT);
}

static void the_lists_stand_over_the_program(struct unit *u)
{
	struct outcome_rules rules = program_rules_for_test();
	outcome_list_add_exit(&rules.ignore, 24);
	outcome_list_add_exit(&rules.success, 2);
	check_judged(u, &rules, exited(24), OUTCOME_IGNORED);
	CHECK_INT(u, outcome_ignored_cause(&rules, exited(24)), IGNORED_BY_LIST);
	check_judged(u, &rules, exited(2), OUTCOME_SUCCESS);
	outcome_list_add_exit(&rules.failure, 3);
	rules.failure_given = true;
	check_judged(u, &rules, exited(3), OUTCOME_FAILURE);
	check_judged(u, &rules, exited(4), OUTCOME_IGNORED);
	check_judged(u, &rules, exited(255), OUTCOME_SUCCESS);
}

static void check_decided(struct unit *u, struct ending ending, enum outcome_hint hint, struct verdict want)
{
	struct outcome_rules rules = plain_rules();
	outcome_list_add_exit(&rules.ignore, 2);
	struct verdict got = outcome_decide(&rules, ending, hint);
	CHECK_STR(u, outcome_name(got.outcome), outcome_name(want.outcome));
	CHECK_INT(u, got.cause, want.cause);
}

static void what_the_command_says_counts_before_the_lists(struct unit *u)
{
	const struct verdict success = {OUTCOME_SUCCESS, IGNORED_UNKNOWN};
	const struct verdict failure = {OUTCOME_FAILURE, IGNORED_UNKNOWN};
	const struct verdict said = {OUTCOME_IGNORED, IGNORED_BY_HINT};
	check_decided(u, exited(1), HINT_SUCCESS, success);
	check_decided(u, exited(0), HINT_FAILURE, failure);
	check_decided(u, exited(2), HINT_FAILURE, failure);
	check_decided(u, exited(0), HINT_IGNORED, said);
	check_decided(u, killed(SIGSEGV), HINT_SUCCESS, success);
	check_decided(u, exited(0), HINT_NONE, success);
	check_decided(u, exited(1), HINT_NONE, failure);
	check_decided(u, exited(2), HINT_NONE, (struct verdict){OUTCOME_IGNORED, IGNORED_BY_LIST});
}

static void the_command_has_no_say_in_what_was_cut_short(struct unit *u)
{
	for (int hint = HINT_NONE; hint <= HINT_IGNORED; hint++) {
		enum outcome_hint said = (enum outcome_hint)hint;
		check_decided(u, timed_out, said, (struct verdict){OUTCOME_TIMEOUT, IGNORED_UNKNOWN});
		check_decided(u, cancelled, said, (struct verdict){OUTCOME_IGNORED, IGNORED_CANCELLED});
		check_decided(u, not_started, said, (struct verdict){OUTCOME_IGNORED, IGNORED_NOT_STARTED});
	}
}

const struct unit_test outcome_tests[] = {
	{"outcome: an empty list names nothing", an_empty_list_names_nothing},
	{"outcome: an exit status names itself alone", an_exit_status_names_itself_alone},
	{"outcome: a signal names itself alone", a_signal_names_itself_alone},
	{"outcome: a death by signal is found under its exit status too",
         a_signal_is_found_under_its_exit_status},
	{"outcome: what is no signal is found nowhere", no_signal_has_no_number},
	{"outcome: the time limit is found under 124 too", the_time_limit_is_found_under_124},
	{"outcome: any names whatever ran", any_names_whatever_ran},
	{"outcome: lists overlap in what both name outright", lists_overlap_in_what_both_name},
	{"outcome: lists overlap in every exit status that both name", lists_overlap_in_every_exit_status},
	{"outcome: by default exit 0 alone succeeds", by_default_exit_zero_alone_succeeds},
	{"outcome: cancelled and not started are ignored whatever the lists say",
         cancelled_and_not_started_are_ignored_whatever_the_lists},
	{"outcome: --ignore-on goes before everything", ignore_goes_before_everything},
	{"outcome: --success-on names the successes", success_on_names_further_successes},
	{"outcome: --failure-on leaves the rest to succeed", failure_on_leaves_the_rest_to_succeed},
	{"outcome: failure goes before success", failure_goes_before_success},
	{"outcome: a failure list that was not given names nothing",
         a_failure_list_that_was_not_given_names_nothing},
	{"outcome: a program's exit statuses are known", a_program_s_exit_statuses_are_known},
	{"outcome: a program does not explain signals and the time limit",
         a_program_does_not_explain_signals_and_the_time_limit},
	{"outcome: the lists stand over the program", the_lists_stand_over_the_program},
	{"outcome: what the command says counts before the lists", what_the_command_says_counts_before_the_lists},
	{"outcome: the command has no say in what was cut short", the_command_has_no_say_in_what_was_cut_short},
	{"outcome: outcomes have names", outcomes_have_names},
	{NULL, NULL},
};
