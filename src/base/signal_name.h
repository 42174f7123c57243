/*
 * signal_name.h: the usual names of signals, which not every C library tells.
 */
#ifndef CBRUN_BASE_SIGNAL_NAME_H
#define CBRUN_BASE_SIGNAL_NAME_H

/* "TERM"; NULL for a real-time signal, and for what is no signal. */
const char *signal_name(int signal);

#endif
