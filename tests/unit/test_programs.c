/* test_programs.c: the table of programs. */
#include "settings/programs.h"
#include "settings/values.h"

#include "suites.h"

#include <stddef.h>
#include <string.h>

static void every_row_is_sound(struct unit *u)
{
	for (size_t i = 0; i < program_count; i++) {
		const struct program *p = &programs[i];
		struct outcome_list lists[3] = {{.any = false}};
		const char *texts[3] = {p->failure, p->ignore, p->success};
		for (int list = 0; list < 3; list++)
			CHECK(u, texts[list] == NULL || value_list(texts[list], &lists[list]));
		CHECK(u, !outcome_lists_overlap(&lists[0], &lists[1]));
		CHECK(u, !outcome_lists_overlap(&lists[0], &lists[2]));
		CHECK(u, !outcome_lists_overlap(&lists[1], &lists[2]));
		CHECK(u, p->source != NULL);
		CHECK(u, (p->idle == NULL) == (p->valued == NULL));
		CHECK_INT(u, program_number(p->name), PROGRAM_FIRST + (int)i);
		CHECK(u, program_of(PROGRAM_AUTO, p->name) == p);
	}
}

static void what_is_the_service_s_fault_is_judged_a_failure(struct unit *u)
{
	for (size_t i = 0; i < program_count; i++) {
		struct outcome_list failure = {.any = false};
		struct outcome_rules rules = {.failure_given = false};
		outcome_list_add_exit(&rules.success, 0);
		program_rules(&programs[i], &rules);
		value_list(programs[i].failure, &failure);
		for (int status = 0; status < 256; status++) {
			struct ending ending = {ENDING_EXITED, status};
			if (outcome_list_has(&failure, ending))
				CHECK_INT(u, outcome_judge(&rules, ending), OUTCOME_FAILURE);
		}
	}
}

static const char *name_under_auto(const char *command)
{
	const struct program *program = program_of(PROGRAM_AUTO, command);
	return program != NULL ? program->name : "none";
}

static void auto_goes_by_the_base_name(struct unit *u)
{
	CHECK_STR(u, name_under_auto("/usr/bin/curl"), "curl");
	CHECK_STR(u, name_under_auto("./ssh"), "ssh");
	CHECK_STR(u, name_under_auto("mariadb"), "mysql");
	CHECK_STR(u, name_under_auto("pg_restore"), "pg_dump");
	CHECK_STR(u, name_under_auto("/usr/lib/nagios/plugins/check_http"), "monitoring-plugin");
	CHECK_STR(u, name_under_auto("check"), "none");
	CHECK_STR(u, name_under_auto("curl-config"), "none");
	CHECK_STR(u, name_under_auto("sudo"), "none");
	CHECK_STR(u, name_under_auto(""), "none");
	CHECK(u, program_of(PROGRAM_AUTO, NULL) == NULL);
	CHECK(u, program_of(PROGRAM_NONE, "curl") == NULL);
}

static void no_program_leaves_nothing_known(struct unit *u)
{
	struct outcome_rules rules = {.failure_given = false};
	struct ending ending = {ENDING_EXITED, 3};
	outcome_list_add_exit(&rules.success, 0);
	program_rules(program_of(program_number("curl"), NULL), &rules);
	CHECK_INT(u, outcome_judge(&rules, ending), OUTCOME_IGNORED);
	program_rules(NULL, &rules);
	CHECK_INT(u, outcome_judge(&rules, ending), OUTCOME_FAILURE);
}

static bool is_idle(const char *command, char *const *argv)
{
	return program_is_idle(program_of(PROGRAM_AUTO, command), argv);
}

static void ssh_that_contacts_nobody_is_idle(struct unit *u)
{
	char *const asks[][8] = {
		{"ssh", "-G", "host"},
		{"ssh", "-V"},
		{"ssh", "-Q", "cipher"},
		{"ssh", "-vG", "host"},
		{"ssh", "-p", "22", "-G", "host"},
		{"ssh", "-oPort=22", "-4G", "host"},
	};
	char *const calls[][8] = {
		{"ssh"},
		{"ssh", "host"},
		{"ssh", "host", "grep", "-G"},
		{"ssh", "-l", "-G", "host"},
		{"ssh", "-lG", "host"},
		{"ssh", "--", "-G"},
		{"ssh", "-p"},
		{"ssh", "-", "-G"},
	};
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		CHECK(u, is_idle("ssh", asks[i]));
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) - 1; i++)
		CHECK(u, !is_idle("ssh", calls[i]));
	CHECK(u, !is_idle("curl", asks[0]));
	CHECK(u, !program_is_idle(NULL, asks[0]));
}

static void the_nearest_program_is_near(struct unit *u)
{
	CHECK_STR(u, program_nearest("crul"), "curl");
	CHECK_STR(u, program_nearest("pgdump"), "pg_dump");
	CHECK(u, program_nearest("systemctl") == NULL);
	CHECK_INT(u, program_number("crul"), -1);
}

const struct unit_test programs_tests[] = {
	{"programs: every row is sound", every_row_is_sound},
	{"programs: what is the service's fault is judged a failure",
         what_is_the_service_s_fault_is_judged_a_failure},
	{"programs: auto goes by the base name", auto_goes_by_the_base_name},
	{"programs: no program leaves nothing known", no_program_leaves_nothing_known},
	{"programs: ssh that contacts nobody is idle", ssh_that_contacts_nobody_is_idle},
	{"programs: the nearest program is near", the_nearest_program_is_near},
	{NULL, NULL},
};
