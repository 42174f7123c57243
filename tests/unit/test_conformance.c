/*
 * test_conformance.c: the breaker on traces that stand for what other circuit breakers
 * document, and for what went wrong in them: see tests/traces/README.
 */
#include "replay/trace.h"
#include "settings/settings.h"

#include "story.h"
#include "suites.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 48, TEXT_SIZE = 1024 };

static const char blanks[] = " \t\r\n";

/* One trace as it is read. */
struct conformance {
	struct unit *u;
	struct unit_place place; /* the file, and the line that was read last */
	struct trace trace;
	struct replay replay;
	enum breaker_state state; /* the last one seen */
	bool rejected;            /* what the line says of its call */
	bool begun;
	char expected[TEXT_SIZE]; /* the changes: TIME STATE [REASON]; ... */
	char *rest;               /* those that are still to come */
};

static const char *last_reason(const struct journal *journal)
{
	const char *name = "";
	for (int i = 0; i < journal->count; i++)
		if (journal->events[i].kind == EVENT_TRANSITION)
			name = story_reason_name(journal->events[i].reason.kind);
	return name;
}

/* Checks one change against the next that is expected. */
static void check_change(struct conformance *c, const struct replay_step *step)
{
	char *rest;
	char *change = strsep(&c->rest, ";");
	const char *at = change != NULL ? strtok_r(change, blanks, &rest) : NULL;
	const char *state = at != NULL ? strtok_r(NULL, blanks, &rest) : NULL;
	const char *reason = state != NULL ? strtok_r(NULL, blanks, &rest) : NULL;
	const char *got = last_reason(step->journal);
	int64_t at_ms = -1;
	struct unit_place place = {c->place.file, (int)step->line};
	if (state == NULL || !trace_seconds_ms(at, &at_ms) || at_ms != step->at_ms ||
	    strcmp(state, breaker_state_name(step->state)) != 0 ||
	    (reason != NULL && strcmp(reason, got) != 0))
		unit_fail(c->u, place, "expected %s %s %s, got %lld ms %s %s", at != NULL ? at : "no change",
		          state != NULL ? state : "", reason != NULL ? reason : "", (long long)step->at_ms,
		          breaker_state_name(step->state), got);
}

static void see_step(void *context, const struct replay_step *step)
{
	struct conformance *c = context;
	if (step->kind == REPLAY_CALL_STARTED && step->admission->run == c->rejected)
		unit_fail(c->u, c->place, "expected the call to %s", c->rejected ? "be rejected" : "run");
	if (step->state != c->state)
		check_change(c, step);
	c->state = step->state;
}

/* The options of the policy, as `simulate` reads them where the environment says nothing. */
static void begin(struct conformance *c, char *options)
{
	static char *nothing[] = {NULL};
	char **environment = environ;
	struct settings settings = {0};
	struct command_line line = {0};
	struct config_files none = {0};
	struct error error = {0};
	char *argv[WORDS_MAX + 2] = {"simulate"};
	int argc = 1;
	char *rest;
	for (char *word = strtok_r(options, blanks, &rest); word != NULL && argc <= WORDS_MAX;
	     word = strtok_r(NULL, blanks, &rest))
		argv[argc++] = word;
	environ = nothing;
	if (!command_line_parse(&line, argc, argv, SCOPE_SIMULATE, true, &error) ||
	    !settings_resolve(&settings, &line, &none, NULL, &error))
		unit_fail(c->u, c->place, "%s", error.text);
	environ = environment;
	replay_begin(&c->replay, &settings.policy, 0, see_step, c);
	c->begun = true;
	command_line_free(&line);
}

/* Several lines add up. */
static void expect_changes(struct conformance *c, const char *text)
{
	size_t used = strlen(c->expected);
	snprintf(c->expected + used, sizeof(c->expected) - used, "%s", text);
}

/* Whether a call's comment says that it is rejected. */
static bool is_marked(const char *line)
{
	const char *comment = strchr(line, '#');
	return comment != NULL && strncmp(comment, "# rejected", strlen("# rejected")) == 0;
}

static void read_line(struct conformance *c, char *line)
{
	struct trace_event event;
	struct error error = {0};
	c->place.line++;
	c->rejected = is_marked(line);
	if (strncmp(line, "#:", 2) == 0)
		begin(c, line + 2);
	else if (strncmp(line, "#>", 2) == 0)
		expect_changes(c, line + 2);
	if (!trace_read(&c->trace, line, strlen(line), &event, &error))
		unit_fail(c->u, c->place, "%s", error.text);
	else if (event.kind != TRACE_NOTHING && !c->begun)
		unit_fail(c->u, c->place, "expected a line with the options before");
	else
		CHECK(c->u, trace_play(&event, &c->replay));
}

static void check_file(struct unit *u, const char *path)
{
	struct conformance c = {.u = u, .place = {path, 0}, .trace = {.name = path}};
	char *line = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		unit_fail(u, c.place, "cannot open it");
		return;
	}
	c.rest = c.expected;
	while (getline(&line, &size, file) >= 0)
		read_line(&c, line);
	if (c.begun)
		replay_end(&c.replay);
	if (c.rest != NULL && c.rest[strspn(c.rest, blanks)] != '\0')
		unit_fail(u, c.place, "this is still to come:%s", c.rest);
	replay_free(&c.replay);
	free(line);
	fclose(file);
}

/* Each trace of one library. */
static void check_library(struct unit *u, const char *library)
{
	char pattern[128];
	glob_t found;
	snprintf(pattern, sizeof(pattern), "tests/traces/%s/*.trace", library);
	if (glob(pattern, 0, NULL, &found) != 0) {
		unit_fail(u, UNIT_HERE, "expected some %s here", pattern);
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_file(u, found.gl_pathv[i]);
	globfree(&found);
}

static void as_resilience4j(struct unit *u)
{
	check_library(u, "resilience4j");
}

static void as_gobreaker(struct unit *u)
{
	check_library(u, "gobreaker");
}

static void as_polly(struct unit *u)
{
	check_library(u, "polly");
}

static void as_hystrix(struct unit *u)
{
	check_library(u, "hystrix");
}

static void as_semian(struct unit *u)
{
	check_library(u, "semian");
}

static void as_opossum(struct unit *u)
{
	check_library(u, "opossum");
}

static void as_pybreaker(struct unit *u)
{
	check_library(u, "pybreaker");
}

static void as_failsafe_go(struct unit *u)
{
	check_library(u, "failsafe-go");
}

static void as_envoy(struct unit *u)
{
	check_library(u, "envoy");
}

/*
 * What no trace can tell: a call that loses its cbrun, the wall clock, another boot.
 *
 * Netflix/Hystrix, pull request #1863: "The system can be left in a half-open state if for some reason the
 * single request allowed does not return to one of the mark[Non]Success methods."
 */
static void a_trial_call_that_never_returns_leaks_no_permit(struct unit *u)
{
	STORY(u, "failures=1 open-for=5s probes=1 successes=1",
	      "0 fail -> open\n"
	      "5000 begin a -> half-open trial trials=1\n"
	      "5001 begin b -> half-open reject why=trial-limit\n"
	      "5002 vanish a -> half-open same\n"
	      "5003 ok -> closed\n");
}

/*
 * Shopify/semian, CHANGELOG.md, v0.28.2: "Refactor: Replace `Time.now` with `CLOCK_MONOTONIC` in
 * `CircuitBreaker`. (#441)"
 */
static void the_wall_clock_neither_holds_it_open_nor_opens_it(struct unit *u)
{
	STORY(u, "failures=2 within=5s failure-rate=0 open-for=5s",
	      "0 fail -> closed\n"
	      "1000 wall 86400000 -> closed\n"
	      "4999 fail -> open reason=within retry=5000\n"
	      "5000 wall -172800000 -> open\n"
	      "9998 ok -> open reject retry=1\n"
	      "9999 peek -> half-open\n");
}

/*
 * danielfm/pybreaker, CHANGELOG, version 0.4.1: "Get initial CircuitBreaker state from state_storage".
 * It is kept over a reboot too, and the open period goes on.
 */
static void the_state_outlives_whoever_made_it(struct unit *u)
{
	STORY(u, "failures=1 open-for=60s successes=1",
	      "0 fail -> open\n"
	      "20000 reboot -> open retry=40000\n"
	      "59999 ok -> open reject\n"
	      "60000 ok -> closed\n");
}

const struct unit_test conformance_tests[] = {
	{"conformance: the traces of resilience4j go as they say", as_resilience4j},
	{"conformance: the traces of gobreaker go as they say", as_gobreaker},
	{"conformance: the traces of polly go as they say", as_polly},
	{"conformance: the traces of hystrix go as they say", as_hystrix},
	{"conformance: the traces of semian go as they say", as_semian},
	{"conformance: the traces of opossum go as they say", as_opossum},
	{"conformance: the traces of pybreaker go as they say", as_pybreaker},
	{"conformance: the traces of failsafe-go go as they say", as_failsafe_go},
	{"conformance: the traces of envoy go as they say", as_envoy},
	{"conformance: a trial call that never returns leaks no permit",
         a_trial_call_that_never_returns_leaks_no_permit},
	{"conformance: the wall clock neither holds it open nor opens it",
         the_wall_clock_neither_holds_it_open_nor_opens_it},
	{"conformance: the state outlives whoever made it", the_state_outlives_whoever_made_it},
	{NULL, NULL},
};
