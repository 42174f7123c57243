/*
 * peer.h: another process that runs this program.
 */
#ifndef CBRUN_BASE_PEER_H
#define CBRUN_BASE_PEER_H

#include <stdint.h>

/*
 * How long the process of that pid has been running, in milliseconds. -1: it
 * cannot be told, or that is another program: the pid is one of another
 * namespace, or has been given away since.
 */
int64_t peer_age_ms(int64_t pid);

#endif
