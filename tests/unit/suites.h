/* suites.h: the tables of tests, one from each test file; main.c runs them in this order. */
#ifndef CBRUN_UNIT_SUITES_H
#define CBRUN_UNIT_SUITES_H

#include "unit.h"

extern const struct unit_test breaker_closed_tests[];
extern const struct unit_test breaker_open_tests[];
extern const struct unit_test breaker_half_open_tests[];
extern const struct unit_test breaker_modes_tests[];
extern const struct unit_test breaker_matrix_tests[];
extern const struct unit_test breaker_journal_tests[];
extern const struct unit_test breaker_policies_tests[];
extern const struct unit_test breaker_time_tests[];
extern const struct unit_test breaker_incident_tests[];
extern const struct unit_test cadence_tests[];
extern const struct unit_test window_tests[];
extern const struct unit_test latency_tests[];
extern const struct unit_test outcome_tests[];
extern const struct unit_test programs_tests[];
extern const struct unit_test hints_tests[];
extern const struct unit_test policy_tests[];
extern const struct unit_test timeline_tests[];
extern const struct unit_test random_walk_tests[];
extern const struct unit_test every_sequence_tests[];
extern const struct unit_test spool_tests[];
extern const struct unit_test input_tests[];
extern const struct unit_test capture_tests[];
extern const struct unit_test codec_tests[];
extern const struct unit_test text_tests[];
extern const struct unit_test nearest_tests[];
extern const struct unit_test decimal_tests[];
extern const struct unit_test http_date_tests[];
extern const struct unit_test array_tests[];
extern const struct unit_test lines_tests[];
extern const struct unit_test replay_tests[];
extern const struct unit_test trace_tests[];
extern const struct unit_test recording_tests[];
extern const struct unit_test whatif_tests[];
extern const struct unit_test explanation_tests[];
extern const struct unit_test times_tests[];
extern const struct unit_test chronicle_tests[];
extern const struct unit_test diagnosis_tests[];
extern const struct unit_test index_tests[];
extern const struct unit_test config_file_tests[];
extern const struct unit_test permits_tests[];
extern const struct unit_test origin_tests[];
extern const struct unit_test kept_output_tests[];
extern const struct unit_test readers_tests[];
extern const struct unit_test files_tests[];
extern const struct unit_test pipe_tests[];
extern const struct unit_test name_fields_tests[];
extern const struct unit_test metrics_tests[];
extern const struct unit_test survey_tests[];
extern const struct unit_test sketch_tests[];
extern const struct unit_test progress_tests[];

#endif
