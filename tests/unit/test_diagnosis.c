/* test_diagnosis.c: what doctor knows of versions. */
#include "suites.h"

#include "store/local/diagnosis.h"

static void tells_which_libraries_have_the_defect(struct unit *u)
{
	static const struct {
		int version;
		bool defect;
	} versions[] = {
		{3006023, false}, {3007000, true},  {3040001, true},  {3044005, true},  {3044006, false},
		{3045000, true},  {3050006, true},  {3050007, false}, {3051000, true},  {3051002, true},
		{3051003, false}, {3053000, false}, {4000000, false},
	};
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		CHECK_INT(u, diagnosis_has_reset_defect(versions[i].version), versions[i].defect);
}

const struct unit_test diagnosis_tests[] = {
	{"diagnosis: knows which releases of SQLite have the defect of logs that begin anew",
         tells_which_libraries_have_the_defect},
	{NULL, NULL},
};
