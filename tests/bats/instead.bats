# instead.bats: what a caller gets when the command did not run, or failed: a fallback, the last good output, a wait, a
# health check before.
load helper
load processes

REJECTED='~cbrun: api: open \(1 consecutive failure\), retry in .*'

# --- --fallback ---

@test "a rejected call runs the fallback, whose output and status are the call's" {
	opened api
	expect 9 "instead" "~cbrun: api: open \(1 consecutive failure\), retry in .*
aside" cbrun -n api --fallback 'echo instead; echo aside >&2; exit 9' -- echo ran
	assert_field api '.totals | [.calls, .rejected, .fallbacks]' '[1,1,1]'
}

@test "the fallback's status goes before --reject-exit" {
	opened api
	expect 0 "" "$REJECTED" cbrun -n api --reject-exit 3 --fallback true false
	expect 143 "" "$REJECTED" cbrun -n api --fallback 'kill $$' true
	expect 127 "" "~cbrun: api: open .*
sh: 1: no-such: not found" cbrun -n api --fallback no-such true
}

@test "the fallback reads the call's standard input" {
	opened api
	piped() { echo "from the pipe" | "$@"; }
	expect 0 "from the pipe" "$REJECTED" piped cbrun -n api --fallback cat true
}

@test "a call that is let in does not run the fallback, even if it fails" {
	expect 1 "" "" cbrun -n api --fallback 'echo instead' false
	expect 0 "" "" cbrun -n api --fallback 'echo instead' true
	assert_field api .totals.fallbacks 0
}

@test "--fallback-on says after which calls it runs as well" {
	expect 0 "instead" "" cbrun -n a --fallback-on failure --fallback 'echo instead' false
	expect 0 "instead" "" cbrun -n b --fallback-on failure --fallback 'echo instead' -t 20ms sleep 120
	expect 0 "instead" "" cbrun -n c --fallback-on timeout --fallback 'echo instead' -t 20ms sleep 120
	expect 1 "" "" cbrun -n d --fallback-on timeout --fallback 'echo instead' false
	expect 0 "" "" cbrun -n e --fallback-on failure,timeout --fallback 'echo instead' true
	expect 7 "" "" cbrun -n f --fallback-on failure --fallback 'echo instead' --ignore-on 7 -- sh -c 'exit 7'
	for row in 'a 1 1' 'b 1 1' 'c 1 1' 'd 1 0' 'e 0 0' 'f 0 0'; do
		read -r name failures fallbacks <<<"$row"
		assert_field $name '.totals | [.failures, .fallbacks]' "[$failures,$fallbacks]"
	done
	opened g
	expect 0 "instead" "~cbrun: g: open .*" cbrun -n g --fallback-on timeout --fallback 'echo instead' true
}

@test "after several attempts the fallback runs once" {
	expect 5 "attempt
attempt
instead" "" cbrun -n api -r 1 --retry-delay 1ms --fallback-on failure --fallback 'echo instead; exit 5' -- sh -c 'echo attempt; exit 1'
	assert_field api '.totals | [.calls, .retries, .fallbacks]' '[1,1,1]'
}

@test "what was held back comes before the fallback's output" {
	expect 5 "broken
instead" "" cbrun -n api --output failure --fallback-on failure --fallback 'echo instead; exit 5' -- sh -c 'echo broken; exit 1'
}

@test "a fallback because the time was up has time of its own" {
	start call "$CBRUN" -n api --deadline 1h --fallback-on timeout --fallback 'sleep 0.1; echo instead' -- sh -c 'echo >ready; exec sleep 120'
	eventually test -e ready
	let_pass 1h
	ends call 0 instead ""
	opened web
	expect 0 "instead" "~cbrun: web: open .*" cbrun -n web --wait 1h --deadline 50ms --fallback 'sleep 0.1; echo instead' true
}

@test "the fallback learns of the breaker from its environment" {
	show='printf "%s|" "$BREAKER_NAME" "$BREAKER_FROM" "$BREAKER_TO" "$BREAKER_REASON" "$BREAKER_RETRY_AFTER" "$BREAKER_LAST_EXIT"'
	opened api
	expect 0 "~api\|open\|open\|1 consecutive failure\|(3600|35[0-9][0-9](\.[0-9]+)?)\|1\|" "$REJECTED" cbrun -n api --fallback "$show" true
	cbrun trip --hold --reason '$(touch pwned); "`touch pwned`' api
	expect 0 "~api\|open\|open\|held by .*: \\\$\(touch pwned\); \"\`touch pwned\`\|\|1\|" "~cbrun: api: open \(held .*" cbrun -n api --fallback "$show" true
	refute [ -e pwned ]
	expect 0 "web|closed|open|failure||1|" "" cbrun -n web -f 1 --fallback-on failure --fallback "$show" false
}

@test "a signal to cbrun ends the fallback" {
	opened api
	start call "$CBRUN" -n api --fallback 'echo $$ >pid; sleep 120; sleep 120' true
	eventually test -s pid
	kill -TERM "$PID"
	ends call 143 "" "$REJECTED"
	eventually gone "$(cat pid)"
}

@test "without a store a failed call has its fallback all the same" {
	echo >file
	expect 0 "api closed closed failure" "~cbrun: .*; running the command unguarded" cbrun --store "$DIR/file/s.db" -n api \
		--fallback-on failure --fallback 'echo $BREAKER_NAME $BREAKER_FROM $BREAKER_TO $BREAKER_REASON' false
}

# --- --stale-ok ---

# kept: the file with the last good output, of the only breaker that has one.
kept() {
	ls "$STORE".output-*
}

@test "a rejected call prints the last good output, tells its age, and succeeds" {
	head -c 3000000 /dev/urandom >data
	into_file() { "$@" >got; }
	expect 0 "" "" into_file cbrun -n api --stale-ok 1d cat data
	cmp data got
	advance 2h
	opened api
	expect 0 "" "~cbrun: api: open \(1 consecutive failure\), retry in .*; printing the output of 2h([0-9]+s)? ago" \
		into_file cbrun -n api --stale-ok 1d false
	cmp data got
	assert_field api '.totals | [.calls, .rejected]' '[2,1]'
}

@test "the last good output is one file beside the store, of mode 0600" {
	umask 0
	expect 0 "out" "" cbrun -n api --stale-ok 1d echo out
	expect 0 "newer" "" cbrun -n api --stale-ok 1d echo newer
	assert_equal "$(stat -c %a "$(kept)")" 600
	assert_equal "$(store_files)" "cbrun.db cbrun.db-shm cbrun.db-wal $(basename "$(kept)") cbrun.db.permits"
	cbrun remove api
	assert_equal "$(store_files)" "$STORE_FILES"
}

@test "output that is too old is not served, and no output is none" {
	cbrun -n api --stale-ok 1d echo out
	opened api -o 100d --open-max 100d
	advance 59m
	expect 0 "out" "~cbrun: api: open .*; printing the output of 59m([0-9]+s)? ago" cbrun -n api --stale-ok 1h true
	advance 1m
	expect 75 "" "$REJECTED" cbrun -n api --stale-ok 1h true
	opened web
	expect 75 "" "~cbrun: web: open .*" cbrun -n web --stale-ok 1h true
}

@test "a step of the wall clock makes no output older or younger" {
	cbrun -n api --stale-ok 1d echo out
	opened api -o 10d --open-max 10d
	step_wall 100d
	expect 0 "out" "~cbrun: api: open .*; printing the output of [0-9]+m?s ago" cbrun -n api --stale-ok 1h true
	step_wall -200d
	expect 0 "out" "~cbrun: api: open .*; printing the output of [0-9]+m?s ago" cbrun -n api --stale-ok 1h true
	advance 1h
	expect 75 "" "$REJECTED" cbrun -n api --stale-ok 1h true
}

@test "only the standard output of successful calls is kept" {
	cbrun -n api --stale-ok 1d -- sh -c 'echo good; echo err >&2' 2>/dev/null
	cbrun -n api --stale-ok 1d -- sh -c 'echo bad; exit 1' || :
	cbrun -n api --stale-ok 1d --ignore-on 7 -- sh -c 'echo ignored; exit 7' || :
	cbrun -n api --stale-ok 1d -t 50ms -- sh -c 'echo late; exec sleep 120' || :
	cbrun -n api -- echo "not kept"
	opened api
	expect 0 "good" "~cbrun: api: open .* ago" cbrun -n api --stale-ok 1d true
}

@test "of several attempts only the good one's output is kept" {
	cbrun -n api --stale-ok 1d -r 1 --retry-delay 1ms -- sh -c 'echo run; [ -e first ] || { echo bad; echo >first; exit 1; }'
	opened api
	expect 0 "run" "~cbrun: api: open .* ago" cbrun -n api --stale-ok 1d true
}

@test "the output is kept while it is held back" {
	together() { "$@" 2>&1; }
	expect 0 "" "" together cbrun -n api --stale-ok 1d --output failure echo good
	opened api
	expect 0 "good" "~cbrun: api: open .* ago" cbrun -n api --stale-ok 1d --output failure true
}

@test "output of what outlives the command by a moment is kept, too" {
	expect 0 "late" "" cbrun -n api --stale-ok 1d -- bash -c '(sleep 0.2; echo late) &'
	opened api
	expect 0 "late" "~cbrun: api: open .* ago" cbrun -n api --stale-ok 1d true
}

@test "output that is not finished a second after the command is not kept" {
	expect 0 "whole" "" cbrun -n api --stale-ok 1d echo whole
	expect 0 "part" "cbrun: api: something that the command has started still holds its output open; it is not kept" \
		cbrun -n api --stale-ok 1d -- sh -c 'sleep 120 & echo $! >child; echo part'
	kill -KILL "$(cat child)"
	opened api
	expect 0 "whole" "~cbrun: api: open .* ago" cbrun -n api --stale-ok 1d true
}

@test "an empty output is kept, too" {
	cbrun -n api --stale-ok 1d true
	opened api
	expect 0 "" "~cbrun: api: open .* ago" cbrun -n api --stale-ok 1d false
}

@test "more than 16 MiB are not kept, which one line says, and the output passes through whole" {
	into_file() { "$@" >got; }
	expect 0 "" "" into_file cbrun -n api --stale-ok 1d head -c 16777216 /dev/zero
	assert_equal "$(wc -c <got)" 16777216
	expect 0 "" "cbrun: api: the output is larger than 16 MiB, or there is no room for it; it is not kept" \
		into_file cbrun -n api --stale-ok 1d head -c 16777217 /dev/zero
	assert_equal "$(wc -c <got)" 16777217
	opened api
	expect 0 "" "~cbrun: api: open .* ago" into_file cbrun -n api --stale-ok 1d true
	assert_equal "$(wc -c <got)" 16777216
}

@test "the last good output goes before the fallback" {
	expect 0 "out" "" cbrun -n api --stale-ok 1h --fallback 'echo instead' echo out
	opened api
	expect 0 "out" "~cbrun: api: open .* ago" cbrun -n api --stale-ok 1h --fallback 'echo instead' true
	advance 1h
	opened api
	expect 0 "instead" "~cbrun: api: open \(1 failed trial call\), retry in .*" cbrun -n api --stale-ok 1h --fallback 'echo instead' true
}

@test "a kept output that is damaged is told, and the call is rejected" {
	cbrun -n api --stale-ok 1d echo out
	echo nonsense >"$(kept)"
	opened api
	expect 75 "" "~cbrun: api: cannot read the output kept in .*/cbrun.db.output-[0-9]+: it is damaged
cbrun: api: open .*" cbrun -n api --stale-ok 1d true
}

# refuse_kept: the output of `api` is not served.
refuse_kept() {
	expect 75 "" "~cbrun: api: cannot read the output kept in .*/cbrun.db.output-[0-9]+: it is damaged
cbrun: api: open .*" cbrun -n api --stale-ok 1d true
}

@test "a kept output of which a power loss left a part is not served" {
	cbrun -n api --stale-ok 1d seq 1000
	opened api
	cp "$(kept)" whole
	length=$(stat -c %s whole)
	truncate -s $((length - 1)) "$(kept)"
	refuse_kept
	truncate -s "$length" "$(kept)" # the length is there, the data is not
	refuse_kept
	truncate -s 0 "$(kept)"
	refuse_kept
	cp whole "$(kept)"
	printf x | dd of="$(kept)" bs=1 seek=$((length - 100)) conv=notrunc status=none
	refuse_kept
	cp whole "$(kept)"
	expect 0 "$(seq 1000)" "~cbrun: api: open .* ago" cbrun -n api --stale-ok 1d true
}

# as_format FORMAT ORDER: the kept output is as that format has it, with its numbers in the order of "little" or "big".
as_format() {
	python3 - "$(kept)" "$@" <<-'END'
		import sys
		path, number, order = sys.argv[1], int(sys.argv[2]), sys.argv[3]
		data = open(path, "rb").read()
		words = [int.from_bytes(data[i:i + 8], "little") for i in range(8, 40 if number < 3 else 48, 8)]
		words[0] = number
		head = data[:8] + b"".join(word.to_bytes(8, order) for word in words)
		total = 0xcbf29ce484222325
		for byte in head + data[56:]:
		    total = (total ^ byte) * 0x100000001b3 % (1 << 64)
		open(path, "wb").write(head + total.to_bytes(8, order) + data[56:])
	END
}

@test "a kept output is the same on every machine, and what was kept in a machine's own order is served" {
	cbrun -n api --stale-ok 1d echo out
	assert_equal "$(head -c 16 "$(kept)" | od -An -tx1 -v | xargs)" "63 62 72 75 6e 6f 75 74 03 00 00 00 00 00 00 00"
	opened api
	for form in "3 little" "2 little" "1 little" "1 big"; do
		cbrun reset api
		cbrun -n api --stale-ok 1d echo out
		opened api
		# shellcheck disable=SC2086 # words
		as_format $form
		advance 1m
		expect 0 "out" "~cbrun: api: open .*; printing the output of 1m([0-9]+s)? ago" cbrun -n api --stale-ok 1d false
	done
	cbrun reset api
	cbrun -n api --stale-ok 1d echo out
	opened api
	as_format 4 little
	refuse_kept
}

@test "the output of a breaker goes when the breaker does, however that comes" {
	cbrun -n other true
	for gone in "UPDATE breaker SET record = x'ff00ff' WHERE name = 'api'" noise rm; do
		cbrun -n api --stale-ok 1d echo out
		file=$(kept)
		case $gone in
		noise) rm "$STORE-wal" "$STORE-shm" && head -c 5000 /dev/urandom >"$STORE" ;;
		rm) rm "$STORE" ;;
		*) sqlite3 "$STORE" "$gone" ;;
		esac
		expect 0 "" "~.*" cbrun -n api true
		assert [ ! -e "$file" ]
	done
}

@test "an output without a breaker goes with the next removal, and nothing else does" {
	cbrun -n other --stale-ok 1d echo other
	other=$(kept)
	cbrun -n api --stale-ok 1d echo out
	cp "$other" "$STORE.output-77" # as a call leaves it whose breaker was removed meanwhile
	: >"$STORE.output-78.new"
	head -c 100 /dev/zero >"$STORE.output-79.new"
	echo theirs >"$STORE.output-80"
	echo theirs >"$STORE.output-81.new"
	cp "$other" "$STORE.output-x"
	cbrun remove api
	assert_equal "$(ls "$STORE".output-*)" "$(printf '%s\n' "$STORE.output-80" "$STORE.output-81.new" "$other" "$STORE.output-x" | sort)"
	opened other
	expect 0 "other" "~.*" cbrun -n other --stale-ok 1d true
}

@test "as root a file that another user has put in the place of a kept output is neither written to nor served" {
	root_only
	cbrun -n api --stale-ok 1d echo out
	file=$(kept)
	echo planted >"$file.new"
	chown 65534 "$file.new"
	expect 0 "more" "cbrun: api: refusing the store: $file.new belongs to uid 65534, not to root; chown it or use --store" \
		cbrun -n api --stale-ok 1d echo more
	assert_equal "$(cat "$file.new") $(stat -c %u "$file.new")" "planted 65534"
	rm "$file.new"
	echo precious >precious
	ln precious "$file.new"
	expect 0 "more" "cbrun: api: refusing $file.new: it is no plain file, or has another name; remove it" \
		cbrun -n api --stale-ok 1d echo more
	assert_equal "$(cat precious)" precious
	rm "$file.new"
	chown 65534 "$file"
	opened api
	expect 75 "" "~cbrun: api: refusing the store: $file belongs to uid 65534, .*" cbrun -n api --stale-ok 1d echo more
}

@test "a user does not write kept output into a file that another user has put there" {
	root_only
	cp "$CBRUN" program
	as_other ./program -n api --stale-ok 1d echo out
	file=$(kept)
	echo planted >"$file.new"
	chmod 666 "$file.new"
	chown 5000 "$file.new"
	chmod a+w "$(dirname "$file")"
	run --separate-stderr private setpriv --reuid 65534 --regid 65534 --clear-groups ./program -n api --stale-ok 1d echo more
	assert_equal "$status $output $stderr" "0 more cbrun: api: refusing $file.new: it belongs to uid 5000; remove it"
	assert_equal "$(cat "$file.new")" planted
}

@test "a user is served kept output that belongs to root, as after a backup was restored" {
	root_only
	cp "$CBRUN" program
	as_other ./program -n api --stale-ok 1d echo out
	as_other ./program trip api
	file=$(kept)
	chown 0 "$file"
	chmod 644 "$file"
	expect 0 "out" "~cbrun: api: .*" private setpriv --reuid 65534 --regid 65534 --clear-groups ./program -n api --stale-ok 1d true
}

@test "an output that cannot be kept is told, and changes no status" {
	cbrun -n api --stale-ok 1d echo out
	file=$(kept)
	rm "$file"
	mkdir "$file"
	expect 0 "out" "cbrun: api: cannot keep the output in $file: Is a directory" cbrun -n api --stale-ok 1d echo out
	assert_equal "$(store_files)" "cbrun.db cbrun.db-shm cbrun.db-wal $(basename "$file") cbrun.db.permits"
}

@test "a kept output that has grown beyond what is ever kept is refused at once" {
	cbrun -n api --stale-ok 1d echo out
	opened api
	truncate -s 20G "$(kept)"
	expect 75 "" "~cbrun: api: cannot read the output kept in .*: it is damaged
cbrun: api: open .*" private timeout 120 "$CBRUN" -n api --stale-ok 1d true
}

@test "a signal ends a call whose stale output nobody reads" {
	cbrun -n api --stale-ok 1d head -c 1000000 /dev/zero >/dev/null
	opened api
	mkfifo stalled
	exec {STALLED}<>stalled
	(exec env -i --default-signal "${ENVIRONMENT[@]}" "$CBRUN" -n api --stale-ok 1d true >stalled 2>call.err 3>&-) &
	PID=$!
	eventually grep -q 'printing the output' call.err
	kill -TERM "$PID"
	eventually gone "$PID"
	finish "$PID" 143
}

# --- --wait ---

@test "--wait lets a call in as soon as the breaker is half-open" {
	opened api
	start call "$CBRUN" -n api -v --wait 2h echo ran
	eventually is_pausing "$PID"
	advance 1h
	ends call 0 ran "~(cbrun: api: the last call ran with .*
)?cbrun: api: open -> half-open \(open period of 1h is over\)
cbrun: api: half-open, running 'echo' as a trial call
cbrun: api: exit 0 after [0-9ms]+: success"
	assert_field api '.totals | [.calls, .rejected]' '[2,0]'
}

@test "--wait lets a call in as soon as another one has ended" {
	close_gate
	start first "$CBRUN" -n api -c 1 -- flock -w 300 -s gate echo first
	first=$PID
	eventually in_flight api 1
	start second "$CBRUN" -n api -c 1 --wait 1h echo second
	eventually is_pausing "$PID"
	open_gate
	ends second 0 second ""
	finish "$first" 0
	assert_field api '.totals | [.calls, .rejected]' '[2,0]'
}

@test "a call that waited in vain is rejected once" {
	opened api
	expect 75 "" "$REJECTED" cbrun -n api --wait 200ms echo ran
	assert_field api '.totals | [.calls, .rejected]' '[1,1]'
}

@test "a signal ends the wait at once, and nothing is counted" {
	opened api
	start call "$CBRUN" -n api --wait 1h touch ran
	eventually is_pausing "$PID"
	kill -TERM "$PID"
	ends call 143 "" ""
	refute [ -e ran ]
	assert_field api '[.in_flight, .totals.calls, .totals.rejected]' '[0,1,0]'
}

# --- --health-check ---

@test "the health check runs before a trial call, and not before others" {
	expect 0 "ran" "" cbrun -n api --health-check 'echo checked >>checks' -- echo ran
	refute [ -e checks ]
	half_opened api
	expect 0 "ran" "" cbrun -n api --health-check 'echo checked >>checks' -- echo ran
	has_lines checks 1
	assert_field api '[.state, .trial_successes, .totals.calls]' '["half-open",1,3]'
}

@test "if the health check fails, the command does not run and the trial call has failed" {
	for check in 'exit 1' 'kill $$'; do
		half_opened api
		expect 75 "" "~cbrun: api: half-open \(health check failed\)" cbrun -n api --health-check "$check" touch ran
		refute [ -e ran ]
		assert_field api '[.state, .reason, .in_flight]' '["open","1 failed trial call",0]'
		advance 1h
		cbrun reset api
	done
	half_opened api
	expect 0 "instead" "cbrun: api: half-open (health check failed)" \
		cbrun -n api --reject-exit 9 --health-check false --fallback 'echo instead' true
	half_opened web
	expect 9 "" "cbrun: web: half-open (health check failed)" cbrun -n web --reject-exit 9 --health-check false true
}

@test "a health check that cannot be run is no verdict: the command does not run, and the call is ignored" {
	half_opened api
	for check in no-such-command ./fifo /; do
		expect 75 "" "~sh: 1: .*
cbrun: api: half-open \(health check could not be run\)" cbrun -n api --health-check "$check" touch ran
	done
	expect 75 "" "cbrun: api: cannot run 'sh': No such file or directory
cbrun: api: half-open (health check could not be run)" private PATH="$DIR" "$CBRUN" -n api --health-check true touch ran
	refute [ -e ran ]
	assert_field api '[.state, .in_flight, .totals.ignored]' '["half-open",0,4]'
}

@test "shadow rejects and cuts nothing, whatever health check and --probe-timeout say" {
	half_opened api
	expect 0 "ran" "" cbrun -n api --shadow --health-check 'echo checked >&2; exit 1' --probe-timeout 50ms -- sh -c 'sleep 0.3; echo ran'
	assert_field api '[.totals.successes, .totals.rejected, .totals.timeouts]' '[1,0,0]'
}

@test "the health check has no input, and its output goes to standard error" {
	half_opened api
	piped() { echo "for the command" | "$@"; }
	expect 0 "for the command" "~/dev/null
checking" piped cbrun -n api --health-check 'readlink /proc/self/fd/0; echo checking; cat' cat
}

@test "a health check that hangs is ended like a trial call" {
	half_opened api
	expect 75 "" "cbrun: api: half-open (health check failed)" cbrun -n api --probe-timeout 50ms --health-check 'sleep 120; sleep 120' true
	half_opened web
	expect 75 "" "cbrun: web: half-open (health check failed)" cbrun -n web -t 50ms --health-check 'sleep 120; sleep 120' true
	half_opened other
	start call "$CBRUN" -n other --health-check 'sleep 120 & echo $! >child; wait; sleep 120' touch ran
	eventually test -s child
	let_pass 10s
	ends call 75 "" "cbrun: other: half-open (health check failed)"
	eventually gone "$(cat child)"
	refute [ -e ran ]
}

@test "a health check that is cancelled ends the call, which is ignored" {
	half_opened api
	start call "$CBRUN" -n api --health-check 'echo $$ >pid; sleep 120; sleep 120' touch ran
	eventually test -s pid
	kill -TERM "$PID"
	ends call 143 "" ""
	refute [ -e ran ]
	assert_field api '[.state, .in_flight, .totals.ignored]' '["half-open",0,1]'
}

# --- --probe-timeout ---

@test "--probe-timeout bounds trial calls alone, and the shorter limit counts" {
	expect 0 "" "" cbrun -n api --probe-timeout 20ms sleep 0.2
	for limits in '--probe-timeout 20ms' '--probe-timeout 20ms -t 1h' '--probe-timeout 1h -t 20ms'; do
		half_opened api
		expect 124 "" "" cbrun -n api $limits sleep 120
		assert_field api '[.state, .reason]' '["open","1 failed trial call"]'
		cbrun reset api
	done
	assert_field api .totals.timeouts 3
}
