/*
 * redis.h: the engine for several hosts: a Redis server has the breakers, and
 * its clock is the one that counts.
 *
 *   redis       the engine; which of its parts does what
 *   step        a step on the server: load, decide, compare and set; load: what it has; needs: of others
 *   lease       the permit of this process, which ends by itself unless it is renewed
 *   listing     going through breakers, events and running calls
 *   diagnosis   what `cbrun doctor` tells
 *   own         the host's own store, which guards where the server cannot be used
 *   memory      what the host remembers of a server that could not be
 *   server, wire, address, password, words, keys, script
 *               what these are made of
 *   surroundings  time, the host's name
 *
 * Of the engine only this file is known outside of this directory, and only to store.c.
 */
#ifndef CBRUN_STORE_REDIS_REDIS_H
#define CBRUN_STORE_REDIS_REDIS_H

#include "store/engine.h"

extern const struct store_engine redis_engine;

#endif
