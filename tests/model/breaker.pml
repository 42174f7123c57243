/*
 * breaker.pml: the protocol by which the calls of a machine share one breaker, for spin: permits, and the two steps of a
 * call. tests/model/check builds it and searches all of its states.
 *
 * What is modelled, and which function it stands for:
 *
 *   row                  the breaker's row in the database, as last committed
 *   copy[], load()       what a step has loaded: begin() and find() in src/store/local/step.c
 *   lock                 BEGIN IMMEDIATE: connection_begin() of an exclusive step
 *   commit()             keep() there: SQL_KEEP and SQL_COMMIT
 *   permit[], trial[]    a locked byte of the permits file: permits_take(), permits_release()
 *   decide()             count_load() there, permits_count(); objects() in src/breaker/breaker.c
 *   settle(), pass_to()  passage_settle() and transition() in src/breaker/passage.c
 *   caller               a cbrun that guards one call after another: steps_admit(), attempts_run(), steps_record()
 *   operator             trip, reset and remove: src/breaker/by_hand.c, remove_breaker()
 *   clock                time: the deadline of an open breaker passes (breaker_state_at())
 *   killed               SIGKILL: the kernel gives back permits and lock, and what was not committed is as if never done
 *
 * A step can be interrupted, and its process killed, between any two of: loading, counting and deciding, taking the
 * permit, committing, giving the permit back. Everybody goes on for ever, so no number may grow. Generations and
 * incarnations are only ever compared with the row's own, so that one is NOW, and with each transition, or removal, what
 * calls remember of it becomes EARLIER.
 *
 * What must hold (P1 to P6) stands where it is asserted. That some call always gets on (P7) is twofold: there is no state
 * in which nobody can go on, and no cycle without progress, one in which nobody's command runs, nobody is killed and no
 * operator acts. So a breaker that is half-open lets a trial call in some time.
 *
 * Assumed: a lock on a byte dies with its process, and so does the command; a commit is all or nothing; commands end;
 * and for P7, who waits for the database gets it. Not modelled: --max-concurrent, --needs, held and disabled breakers,
 * queues of calls that wait, a store that fails or is replaced, loss of power.
 *
 * CALLERS, PROBES, SUCCESSES, PROBE_FAILURES and FAILURES make a configuration; OPERATOR brings the operator, PEACE and LIVE
 * what P7 needs. Each BUG_... breaks one line of the protocol, and the search must find it.
 */
#ifndef CALLERS
#define CALLERS 2
#endif
#ifndef PROBES
#define PROBES 1
#endif
#ifndef SUCCESSES
#define SUCCESSES 1
#endif
#ifndef PROBE_FAILURES
#define PROBE_FAILURES 1
#endif
#ifndef FAILURES
#define FAILURES 1
#endif
#ifdef OPERATOR
#define STEPPERS (CALLERS + 1)
#else
#define STEPPERS CALLERS
#endif

#define CLOSED    0
#define OPEN      1
#define HALF_OPEN 2

#define SUCCESS 0
#define FAILURE 1
#define IGNORED 2

#define me _pid /* callers first, then the operator */

/* Numbers of generations and incarnations, beside 0 for none. */
#define NOW     1
#define NEXT    2 /* in a step that has passed to another state and is not kept yet */
#define EARLIER 3

typedef breaker {
	bool exists;
	byte generation; /* NOW, or in a copy NEXT */
	byte state;
	byte streak;
	byte successes; /* of trial calls */
	byte failures;
};

breaker row;
breaker copy[STEPPERS]; /* all zeros but in a step */
byte lock;              /* whose transaction writes; 0 = nobody's, else his number + 1 */
bool past;              /* the row is open, and its deadline over */

bool permit[CALLERS];
bool trial[CALLERS];
byte orphans; /* locked bytes without a process: the kernel leaves none */

/* What a call remembers from its admission. */
byte call_generation[CALLERS];
byte call_incarnation[CALLERS];

/* Ghosts: what only the properties look at. */
bool let_in_as_trial[CALLERS]; /* its command runs as a trial call */
bool late[CALLERS];   /* there was a transition, or a removal, since its admission was loaded */
bool behind[STEPPERS]; /* another step was kept since this one was loaded */
byte was[STEPPERS];   /* the state that the step found */

#ifdef LIVE
/* The database goes round among the callers who want it. */
bool wants[CALLERS];
byte turn;
#define AFTER(n) ((turn + (n)) % CALLERS)
#define MY_TURN  (AFTER(1) == me || (!wants[AFTER(1)] && (AFTER(2) == me || !wants[AFTER(2)])))
#define ASK      wants[me] = true
#define GIVE_UP  wants[me] = false
#define BEGIN    (lock == 0 && MY_TURN)
#define BEGUN    lock = me + 1; turn = me; wants[me] = false
#else
#define ASK      skip
#define GIVE_UP  skip
#define BEGIN    (lock == 0)
#define BEGUN    lock = me + 1
#endif

/* From some moment on nobody is killed, and no operator acts: what is stuck then is so for ever. */
#ifdef PEACE
bool peace;
#define DIES      !peace -> goto killed
#define BEGIN_ACT (lock == 0 && !peace)
#else
#define DIES      goto killed
#define BEGIN_ACT (lock == 0)
#endif

#ifdef BUG_IGNORED_KEEPS
#define KEEP_OUTCOME skip
#else
#define KEEP_OUTCOME outcome = 0
#endif

/* How the two steps of a call begin, and whether a result counts. */
#ifdef BUG_ADMIT_UNLOCKED
#define BEGIN_ADMIT true
#define ADMIT_BEGUN GIVE_UP
#else
#define BEGIN_ADMIT BEGIN
#define ADMIT_BEGUN BEGUN
#endif
#ifdef BUG_RECORD_UNLOCKED
#define BEGIN_RECORD true
#define RECORD_BEGUN GIVE_UP
#else
#define BEGIN_RECORD BEGIN
#define RECORD_BEGUN BEGUN
#endif

#if defined(BUG_GENERATION)
#define COUNTS (call_incarnation[me] == NOW)
#elif defined(BUG_INCARNATION)
#define COUNTS (call_generation[me] == copy[me].generation)
#else
#define COUNTS (call_incarnation[me] == NOW && call_generation[me] == copy[me].generation)
#endif

#ifdef BUG_OLD_TRIALS_UNCOUNTED
#define COUNTED(i) (trial[i] && call_generation[i] == NOW)
#else
#define COUNTED(i) trial[i]
#endif
#if CALLERS == 2
#define TRIALS         (COUNTED(0) + COUNTED(1) + orphans)
#define TRIALS_RUNNING (let_in_as_trial[0] + let_in_as_trial[1])
#else
#define TRIALS         (COUNTED(0) + COUNTED(1) + COUNTED(2) + orphans)
#define TRIALS_RUNNING (let_in_as_trial[0] + let_in_as_trial[1] + let_in_as_trial[2])
#endif

inline load()
{
	copy[me].exists = row.exists;
	copy[me].generation = row.generation;
	copy[me].state = row.state;
	copy[me].streak = row.streak;
	copy[me].successes = row.successes;
	copy[me].failures = row.failures;
	was[me] = row.state;
	behind[me] = false
}

inline forget()
{
	copy[me].exists = false;
	copy[me].generation = 0;
	copy[me].state = 0;
	copy[me].streak = 0;
	copy[me].successes = 0;
	copy[me].failures = 0;
	was[me] = 0;
	behind[me] = false
}

/* Gives the database back. */
inline unlock()
{
	if
	:: lock == me + 1 -> lock = 0
	:: else
	fi
}

/* reserve(), breaker_init() */
inline make_breaker()
{
	copy[me].exists = true;
	copy[me].generation = NOW
}

/* transition(): a new generation, and the counts of trial calls begin anew */
inline pass_to(to)
{
	copy[me].generation = NEXT;
	copy[me].state = to;
	copy[me].streak = 0;
	copy[me].successes = 0;
	copy[me].failures = 0
}

/* passage_settle(): OPEN, deadline passed -> HALF_OPEN */
inline settle()
{
	if
	:: copy[me].state == OPEN && past -> pass_to(HALF_OPEN)
	:: else
	fi
}

#define PASSED          (copy[me].generation == NEXT)
#define FALLS_BEHIND(i) behind[i] = (behind[i] || (i != me && copy[i].exists))
#define ENDS_EARLIER(i) \
	late[i] = (late[i] || (i != me && call_generation[i] != 0)); \
	call_generation[i] = (call_generation[i] == NOW -> EARLIER : (call_generation[i] == NEXT -> NOW : call_generation[i]))
#define IS_GONE(i) \
	late[i] = (late[i] || call_generation[i] != 0); \
	call_incarnation[i] = (call_incarnation[i] == NOW -> EARLIER : call_incarnation[i])

/* The others have not seen this commit. */
inline tell_others()
{
	FALLS_BEHIND(0);
	FALLS_BEHIND(1);
#if STEPPERS > 2
	FALLS_BEHIND(2);
#endif
#if STEPPERS > 3
	FALLS_BEHIND(3);
#endif
	skip
}

/* A transition is kept: NEXT is NOW. */
inline begin_generation()
{
	copy[me].generation = NOW;
	past = false;
	ENDS_EARLIER(0);
	ENDS_EARLIER(1);
#if CALLERS == 3
	ENDS_EARLIER(2);
#endif
	skip
}

/* SQL_KEEP, SQL_COMMIT */
inline commit()
{
	/* P3: no transition is doubled: each one leaves the state that was kept last */
	assert(!PASSED || !row.exists || was[me] == row.state);
#ifndef BUG_ADMIT_UNLOCKED
	/* P2: nothing that was kept is lost, above all no transition */
	assert(!behind[me]);
#endif
	tell_others();
	if
	:: PASSED -> begin_generation()
	:: else
	fi;
	row.exists = true;
	row.generation = copy[me].generation;
	row.state = copy[me].state;
	row.streak = copy[me].streak;
	row.successes = copy[me].successes;
	row.failures = copy[me].failures;
	forget();
	unlock()
}

/* forget() in step.c, and its commit; and the next one of that name will be another one */
inline remove()
{
	assert(!behind[me]);
	tell_others();
	IS_GONE(0);
	IS_GONE(1);
#if CALLERS == 3
	IS_GONE(2);
#endif
	past = false;
	row.exists = false;
	row.generation = 0;
	row.state = CLOSED;
	row.streak = 0;
	row.successes = 0;
	row.failures = 0;
	forget();
	unlock()
}

/* count_load(), objects(): decides on a call */
inline decide()
{
#ifndef BUG_PERMIT_IS_A_ROW
	/* P5: each permit that is counted is that of a call */
	assert(orphans == 0);
#endif
	if
	:: copy[me].state == OPEN || (copy[me].state == HALF_OPEN && TRIALS >= PROBES) ->
		rejected = true
	:: else ->
		call_generation[me] = copy[me].generation;
		call_incarnation[me] = NOW;
		as_trial = (copy[me].state == HALF_OPEN)
	fi
}

inline take_permit()
{
	permit[me] = !as_trial;
	trial[me] = as_trial
}

/* The command starts. */
inline start()
{
	let_in_as_trial[me] = as_trial;
	as_trial = false;
	/* P1: never more trial calls than allowed, whichever generation they are of */
	assert(TRIALS_RUNNING <= PROBES);
	assert(!let_in_as_trial[me] || trial[me])
}

/* breaker_record(): record_closed(), trial_succeeded(), trial_failed() */
inline count_result()
{
	if
	:: COUNTS && outcome != IGNORED ->
		/* P4: a result of an earlier generation changes no state, and nobody is let in while it is open */
		assert(!late[me] && copy[me].state != OPEN);
		if
		:: copy[me].state == CLOSED && outcome == SUCCESS ->
			copy[me].streak = 0
		:: copy[me].state == CLOSED && outcome == FAILURE ->
			copy[me].streak++;
			if
			:: copy[me].streak >= FAILURES -> pass_to(OPEN)
			:: else
			fi
		:: copy[me].state == HALF_OPEN && outcome == SUCCESS ->
			copy[me].successes++;
			if
			:: copy[me].successes >= SUCCESSES -> pass_to(CLOSED)
			:: else
			fi
		:: copy[me].state == HALF_OPEN && outcome == FAILURE ->
			copy[me].failures++;
			if
			:: copy[me].failures >= PROBE_FAILURES -> pass_to(OPEN)
			:: else
			fi
		fi
	:: else
	fi
}

/* Whatever a process holds dies with it. */
inline clean_up()
{
	GIVE_UP;
	forget();
#ifndef BUG_LOCK_SURVIVES
	unlock()
#endif
}

/* What a call holds and remembers is gone. */
inline end_call()
{
	permit[me] = false;
	trial[me] = false;
	let_in_as_trial[me] = false;
	late[me] = false;
	call_generation[me] = 0;
	call_incarnation[me] = 0;
	outcome = 0;
	as_trial = false;
	rejected = false
}

active [CALLERS] proctype caller()
{
	byte outcome;
	bool as_trial;
	bool rejected;

idle:
	/* admit(), which begins as a read: nobody waits, and nothing is kept by it */
	if
	:: atomic {
		assert(!permit[me] && !trial[me]); /* P5: no permit without a call */
		load();
		late[me] = false;
		if
		:: copy[me].exists && copy[me].state == CLOSED ->
			decide();
			forget();
			goto let_in
		:: else ->
			forget();
			ASK
		fi
	   }
	:: DIES
	fi;

	/* else it is taken again, alone: take_again() */
	if
	:: atomic {
		BEGIN_ADMIT ->
		ADMIT_BEGUN;
		load();
		late[me] = false;
		if
		:: !copy[me].exists -> make_breaker()
		:: else
		fi;
		settle()
	   }
	:: DIES
	fi;
	if
	:: atomic {
		decide();
		if
		:: rejected -> goto decided
		:: else
		fi
	   }
	:: DIES
	fi;
#ifndef BUG_PERMIT_OUTSIDE
	if
	:: atomic { take_permit() }
	:: DIES
	fi;
#endif
decided:
	/* a commit of what was loaded stands for STORE_LEAVE, too */
	if
	:: atomic {
		commit();
		if
		:: rejected ->
			rejected = false;
			goto idle
		:: else
		fi
#ifndef BUG_PERMIT_OUTSIDE
		; start();
		goto running
#endif
	   }
	:: DIES
	fi;

let_in:	/* the read holds while the permit is taken: leave() */
	if
	:: atomic {
		take_permit();
		start()
	   }
	:: DIES
	fi;

running:
progress_running:
	if
	:: atomic {
		let_in_as_trial[me] = false;
		ASK
	   }
	:: DIES
	fi;

	/* record() */
	if
	:: atomic {
		BEGIN_RECORD ->
		RECORD_BEGUN;
		load();
		if
		:: outcome = SUCCESS
		:: outcome = FAILURE
		:: outcome = IGNORED
		fi;
		if
#ifdef BUG_RESURRECTION
		:: !copy[me].exists -> make_breaker()
#elif defined(OPERATOR)
		:: !copy[me].exists -> /* an operator has removed it */
			forget();
			unlock();
			goto recorded
#endif
		:: else -> count_result()
		fi
	   }
	:: DIES
	fi;
	if
	:: atomic {
		assert(row.exists); /* P6: a breaker that was removed does not come back by a late result */
		KEEP_OUTCOME;
		commit()
#ifdef BUG_UNREACHED
		;
		if
		:: row.exists
		:: else -> assert(false)
		fi
#endif
	   }
	:: DIES
	fi;

recorded:
	if
	:: atomic {
#ifdef BUG_IGNORED_KEEPS
		if
		:: outcome == IGNORED -> outcome = 0; goto idle
		:: else
		fi;
#endif
		end_call();
		goto idle
	   }
	:: DIES
	fi;

killed:
progress_killed:
	atomic {
#if defined(BUG_PERMIT_SURVIVES) || defined(BUG_PERMIT_IS_A_ROW)
		orphans = (orphans < PROBES -> orphans + trial[me] : orphans);
#endif
		clean_up();
		end_call();
		goto idle
	}
}

#ifdef OPERATOR
active proctype operator()
{
	bool removes;

	do
	:: atomic {
		BEGIN_ACT ->
		lock = me + 1;
		load();
		if
		:: !copy[me].exists -> make_breaker(); pass_to(OPEN)
		:: copy[me].exists -> settle(); pass_to(OPEN)
		:: copy[me].exists -> settle(); pass_to(CLOSED)
		:: copy[me].exists -> removes = true
		fi
	   };
progress_acting:
	   if
	   :: atomic { !removes -> commit() }
	   :: atomic {
		removes ->
		removes = false;
		remove()
	      }
#ifdef PEACE
	   :: atomic {
		!peace -> /* killed */
#else
	   :: atomic { /* killed */
#endif
		removes = false;
		forget();
		unlock()
	      }
	   fi
	od
}
#endif

active proctype clock()
{
	do
	:: atomic { row.state == OPEN && !past -> past = true }
#ifdef PEACE
	:: !peace -> peace = true
#endif
	od
}
