/* main.c: runs the unit tests; an argument picks those whose sentence contains it. */
#include "suites.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
	static const struct unit_test *const suites[] = {
		breaker_closed_tests, breaker_open_tests,    breaker_half_open_tests, breaker_modes_tests,
		breaker_matrix_tests, breaker_journal_tests, breaker_policies_tests,  breaker_time_tests,
		window_tests,         latency_tests,         outcome_tests,           policy_tests,
		timeline_tests,       random_walk_tests,     every_sequence_tests, spool_tests,             input_tests,
		capture_tests,        codec_tests,           text_tests,              decimal_tests,
		array_tests,          lines_tests,           replay_tests,            trace_tests,
		whatif_tests,         explanation_tests,     times_tests,             chronicle_tests,
		recording_tests,      diagnosis_tests,       config_file_tests,       breaker_incident_tests,
		cadence_tests,        index_tests,
		nearest_tests,         permits_tests,
		origin_tests,          kept_output_tests,     readers_tests,
		files_tests,          pipe_tests,
		name_fields_tests,    programs_tests,        hints_tests,             http_date_tests,
		metrics_tests,        sketch_tests,          survey_tests,
		progress_tests,
	};
	bool passed = unit_run(suites, sizeof(suites) / sizeof(suites[0]), argc > 1 ? argv[1] : NULL);
	return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
