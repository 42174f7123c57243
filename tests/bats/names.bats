# names.bats: the breakers that a subcommand is given: several, by globs, all of them; those that are not there; breakers
# that are renamed, and those that nobody calls any more.
load helper

# some NAME...: closed breakers of these names.
some() {
	local name
	for name; do
		cbrun -n "$name" true
	done
}

# states: "NAME STATE MODE" of each breaker.
states() {
	cbrun status --json | jq -r '.breakers[] | "\(.name) \(.state) \(.mode)"' | paste -sd ,
}

names() {
	cbrun status --json | jq -r '.breakers[].name' | paste -sd ' '
}

# --- globs and --all ---

@test "an act takes globs, which are matched against the store's names" {
	some api:a api:b web
	expect 0 "" "" cbrun trip 'api:*'
	assert_equal "$(states)" "api:a open normal,api:b open normal,web closed normal"
	expect 0 "" "" cbrun reset '*:?'
	assert_equal "$(states)" "api:a closed normal,api:b closed normal,web closed normal"
	expect 0 "" "" cbrun disable web 'api:b*'
	assert_equal "$(states)" "api:a closed normal,api:b closed disabled,web closed disabled"
	expect 0 "" "" cbrun remove '?eb' 'api:?'
	assert_equal "$(names)" ""
}

@test "--all means all breakers, and no names beside it" {
	some a b c
	expect 0 "" "" cbrun trip --all
	assert_equal "$(states)" "a open normal,b open normal,c open normal"
	expect 125 "" "cbrun: --all and names exclude each other" cbrun reset --all a
	expect 0 "" "" cbrun remove --all
	expect 0 "" "cbrun: no breakers yet" cbrun status --all
	expect 0 "" "cbrun: no breakers yet" cbrun trip --all
	expect 0 "" "" cbrun remove --all
}

@test "a breaker that is named twice is acted on once" {
	some api
	cbrun trip api 'a*' api '*'
	assert_transitions api "closed>open"
}

@test "status takes globs and --all" {
	some api:a api:b web
	assert_equal "$(cbrun status 'api:*' --json | jq -c '[.breakers[].name]')" '["api:a","api:b"]'
	assert_equal "$(cbrun status --all --json | jq -c '[.breakers[].name]')" '["api:a","api:b","web"]'
	expect 1 "~NAME .*
web .*" "cbrun: no breaker's name matches 'nosuch*'
cbrun: no breaker named 'other'" cbrun status 'nosuch*' web other
}

@test "history of several says in each line which breaker it is of" {
	some api web
	expect 0 "~[^ ]* [^ ]*  api  call .*
[^ ]* [^ ]*  web  call .*" "" cbrun history 'a*' 'web*'
	assert_equal "$(cbrun history --all --json | jq -c '[.name, .kind]' | paste -sd ' ')" '["api","call"] ["web","call"]'
	assert_equal "$(cbrun history api --json | jq -c '[.name, .kind]')" '[null,"call"]'
	assert_equal "$(cbrun history web 'api' --json | jq -c '.name' | paste -sd ' ')" '"api" "web"'
}

@test "probe takes globs, and is silent on those without a health check" {
	printf '%s\n' '[breaker web*]' 'health-check = echo $BREAKER_NAME >>checks' >"$CONFIG"
	half_opened web1
	half_opened web2
	half_opened api
	expect 0 "" "" cbrun probe '*1' 'a*'
	assert_equal "$(cat checks)" web1
	expect 0 "" "" cbrun probe --all
	assert_equal "$(sort checks | paste -sd ' ')" "web1 web1 web2"
	expect 1 "" "cbrun: no breaker named 'nosuch'" cbrun probe nosuch web2
	has_lines checks 4
}

# --- what is not there, and what refuses ---

@test "a name that no breaker has stops no other" {
	some a b
	told="cbrun: no breaker named 'nosuch'
cbrun: no breaker's name matches 'x*'"
	expect 1 "~[^ ]* [^ ]*  a  .*
.*  b  .*" "$told" cbrun history nosuch a 'x*' b
	expect 1 "" "$told" cbrun reset nosuch a 'x*' b
	assert_transitions a "closed>closed"
	assert_transitions b "closed>closed"
	cbrun disable a b
	expect 1 "" "$told" cbrun enable nosuch a 'x*' b
	assert_equal "$(states)" "a closed normal,b closed normal"
	expect 1 "" "$told" cbrun remove nosuch a 'x*' b
	assert_equal "$(names)" ""
}

@test "a breaker that refuses stops no other, and the status is 125" {
	some a b c
	cbrun disable a
	expect 125 "" "cbrun: a is disabled; 'cbrun enable a' first
cbrun: no breaker's name matches 'x*'" cbrun trip a b c 'x*'
	assert_equal "$(states)" "a closed disabled,b open normal,c open normal"
	expect 125 "" "cbrun: no breaker named 'nosuch'
cbrun: b is not disabled" cbrun enable nosuch b a
	assert_field a .mode normal
}

@test "of many, enable picks those that are disabled" {
	some a b c
	cbrun disable a c
	expect 0 "" "" cbrun enable --all
	assert_equal "$(states)" "a closed normal,b closed normal,c closed normal"
	expect 0 "" "" cbrun enable '*'
	expect 125 "" "cbrun: b is not disabled" cbrun enable '*' b
}

@test "trip and disable make a breaker that is not there, by the settings that it will have" {
	printf '%s\n' '[breaker api]' 'open-for = 1h' >"$CONFIG"
	expect 0 "" "cbrun: api: created, since there was no breaker of that name" cbrun trip api
	expect 75 "" "~cbrun: api: open \(tripped for 1h by $(id -un)\), retry in $HOUR" cbrun -n api -- touch ran
	assert [ ! -e ran ]
	expect 0 "" "cbrun: web: created, since there was no breaker of that name" cbrun disable --for 1h --reason moving web
	repeat 6 cbrun -n web false
	assert_equal "$(states)" "api open normal,web closed disabled"
	assert_transitions web "closed>closed"
	expect 0 "" "" cbrun disable api web
}

@test "a glob and --all make no breaker, and no store" {
	for act in trip disable; do
		expect 1 "" "cbrun: no breaker's name matches 'a*'" cbrun $act 'a*'
		expect 0 "" "cbrun: no breakers yet" cbrun $act --all
	done
	assert [ ! -e "$DIR/store" ]
}

# --- rename ---

@test "a renamed breaker keeps its state, history, totals and last good output" {
	printf '%s\n' '[default]' 'stale-ok = 30d' >"$CONFIG"
	expect 0 "good" "" cbrun -n old -o 1h -f 1 echo good
	cbrun -n old -o 1h -f 1 false || :
	before=$(cbrun status old --json | jq -S '.breakers[0] | del(.name, .retry_after_seconds)')
	history=$(cbrun history old)
	expect 0 "" "" cbrun rename old new
	assert_equal "$(names)" new
	assert_equal "$(cbrun status new --json | jq -S '.breakers[0] | del(.name, .retry_after_seconds)')" "$before"
	assert_equal "$(cbrun history new)" "$history"
	expect 0 "good" "~cbrun: new: open \(1 consecutive failure\), .*; printing the output of .* ago" cbrun -n new false
	expect 0 "fresh" "" cbrun -n old echo fresh
	assert_equal "$(names)" "new old"
}

@test "rename takes no name that another breaker has, and none that is not there" {
	some a b
	expect 125 "" "cbrun: there is a breaker named 'b' already" cbrun rename a b
	expect 1 "" "cbrun: no breaker named 'c'" cbrun rename c d
	expect 125 "" "cbrun: the new name is the old one: 'a'" cbrun rename a a
	expect 125 "" "cbrun: expected a breaker's name and its new one, got 1" cbrun rename a
	expect 125 "" "cbrun: expected a breaker's name and its new one, got 3" cbrun rename a b c
	expect 125 "" "~cbrun: invalid name 'b c': .*" cbrun rename a 'b c'
	expect 125 "" "~cbrun: invalid name 'a\*': .*" cbrun rename 'a*' b
	assert_equal "$(names)" "a b"
}

@test "rename without a store makes none" {
	expect 1 "" "cbrun: no breaker named 'a'" cbrun rename a b
	assert [ ! -e "$DIR/store" ]
}

@test "a command that runs while its breaker is renamed is not counted, and rename says so" {
	some old
	close_gate
	start one "$CBRUN" -n old -- flock -w 300 -s gate true
	one=$PID
	eventually in_flight old 1
	expect 0 "" "cbrun: old: a command is still running under the old name; how it ends will not be counted" \
		cbrun rename old new
	open_gate
	finish "$one" 0
	assert_equal "$(names)" new
	assert_field new .totals.calls 1
}

@test "a breaker with a limit is not renamed while a command runs, which the limit would not count" {
	close_gate
	start one "$CBRUN" -n old -c 1 -- flock -w 300 -s gate true
	one=$PID
	eventually in_flight old 1
	expect 125 "" "cbrun: cannot rename old: 1 command is running, which --max-concurrent would not count under the new name; \
let it end, and keep others from starting: cbrun trip --hold old" cbrun rename old new
	assert_equal "$(names)" old
	expect 0 "" "" cbrun trip --hold old
	open_gate
	finish "$one" 0
	expect 0 "" "" cbrun rename old new
	assert_equal "$(names)" new
	expect 75 "" "~cbrun: new: open \(held by .*" cbrun -n new -c 1 true
}

@test "of renames to one name at the same time, one is done" {
	some a b c d e f
	pids=()
	for name in a b c d e f; do
		start "$name" "$CBRUN" rename $name new
		pids+=("$PID")
	done
	done=0
	for pid in "${pids[@]}"; do
		if wait "$pid"; then ((++done)); fi
	done
	assert_equal "$done" 1
	assert_equal "$(names | wc -w)" 6
	assert_equal "$(cat ./?.err | sort -u)" "cbrun: there is a breaker named 'new' already"
}

@test "a store that cannot be written keeps its names" {
	own_file "it is about a store's files"
	some a
	chmod 500 store
	chmod 400 store/*
	run --separate-stderr unprivileged "$CBRUN" rename a b
	assert_equal "$status" 125
	[[ $stderr == "cbrun: cannot "* ]] || fail "$stderr"
	chmod -R u+w store
	assert_equal "$(names)" a
}

# --- remove --unused ---

@test "remove --unused forgets what was not called for that time, and says which" {
	some curl:a curl:b web
	advance 40d
	some curl:b
	advance 52d
	expect 0 "" "cbrun: removed curl:a, not called for 92d
cbrun: removed web, not called for 92d" cbrun remove --unused 90d
	assert_equal "$(names)" curl:b
	expect 0 "" "" cbrun remove --unused 90d
	expect 0 "" "cbrun: kept curl:b: it is in use" cbrun remove -v --unused 90d
	expect 125 "" "cbrun: invalid --unused '0': expected a duration longer than zero" cbrun remove --unused 0
}

@test "remove --unused goes no further than names, globs and --all" {
	some curl:a curl:b web
	advance 92d
	expect 0 "" "cbrun: removed curl:a, not called for 92d" cbrun remove --unused 90d curl:a
	expect 0 "" "cbrun: removed curl:b, not called for 92d" cbrun remove --unused 90d 'curl:*'
	expect 1 "" "cbrun: no breaker named 'nosuch'
cbrun: removed web, not called for 92d
cbrun: no breaker's name matches 'curl:*'" cbrun remove --unused 90d nosuch web 'curl:*'
	some web
	advance 1d
	expect 0 "" "cbrun: removed web, not called for 1d" cbrun remove --unused 1d --all
	assert_equal "$(names)" ""
}

@test "a call that was rejected is one" {
	opened api -o 30d
	advance 2d
	expect 75 "" "~cbrun: api: open .*" cbrun -n api true
	advance 1h
	expect 0 "" "" cbrun remove --unused 1d
	advance 1d
	expect 0 "" "cbrun: removed api, not called for 1d01h" cbrun remove --unused 1d
}

@test "remove --unused keeps what is held, disabled or running" {
	some held disabled running for-a-time
	cbrun trip --hold held
	cbrun disable disabled
	cbrun disable --for 1d for-a-time
	close_gate
	start call "$CBRUN" -n running -- flock -w 300 -s gate true
	eventually in_flight running 1
	advance 92d
	expect 0 "" "cbrun: kept disabled: it is disabled
cbrun: removed for-a-time, not called for 92d
cbrun: kept held: it is held open
cbrun: kept running: one of its commands is running" cbrun remove -v --unused 90d
	open_gate
	finish "$PID" 0
	assert_equal "$(names)" "disabled held running"
}

@test "a breaker that was made and never called is unused from then on" {
	cbrun trip --for 1h api
	advance 89d
	expect 0 "" "" cbrun remove --unused 90d
	advance 1d
	expect 0 "" "cbrun: removed api, not called for 90d" cbrun remove --unused 90d
}
