/* peer.c: by name and start. */
#include "base/peer.h"

#include "base/clock.h"
#include "base/processes.h"
#include "base/units.h"

#include <string.h>

int64_t peer_age_ms(int64_t pid)
{
	struct process_facts own;
	struct process_facts other;
	if (pid <= 0 || !processes_look(0, &own) || !processes_look((pid_t)pid, &other) ||
	    strcmp(own.name, other.name) != 0)
		return -1;
	int64_t age_ms = clock_boot_us() / US_PER_MS - other.start_ms;
	return other.start_ms >= 0 && age_ms >= 0 ? age_ms : -1;
}
