/*
 * redis.h: the engine for several hosts: a Redis server keeps the breakers, and
 * its clock is the one that counts.
 *
 *   redis       the engine; which of its parts does what
 *   step        a step on the server: load, decide, compare and set; load: what it has; needs: of others
 *   lease       the permit of this process, which expires unless it is renewed
 *   listing     going through breakers, events and running calls
 *   diagnosis   what `cbrun doctor` prints
 *   own         the host's own store, which guards while the server cannot be used
 *   memory      how the host remembers that a server could not be used
 *   server, wire, address, password, words, keys, script
 *               what these are made of
 *   surroundings  time, the host's name
 *
 * Only this file of the engine is known outside this directory, and only to store.c.
 */
#ifndef CBRUN_STORE_REDIS_REDIS_H
#define CBRUN_STORE_REDIS_REDIS_H

#include "store/engine.h"

extern const struct store_engine redis_engine;

#endif
