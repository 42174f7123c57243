# redis.bats: a store that hosts share. A host is a name and a directory of its own.
load helper

setup_file() {
	SERVERS=$BATS_FILE_TMPDIR
	begin_server main
	export TEST_SERVER=redis+unix://$SERVERS/main
	MAIN_PID=$SERVER_PID
	export SERVERS MAIN_PID
}

teardown_file() {
	kill "$MAIN_PID"
}

# begin_server NAME [OPTION...]: its socket is $SERVERS/NAME, its pid in $SERVER_PID.
begin_server() {
	local name=$1
	shift
	rm -f "$SERVERS/$name"
	redis-server --port 0 --unixsocket "$SERVERS/$name" --save '' --dir "$SERVERS" "$@" >"$SERVERS/$name.log" 2>&1 </dev/null 3>&- &
	SERVER_PID=$!
	eventually answers "$name"
}

answers() {
	[[ $(redis-cli -s "$SERVERS/$1" ping 2>&1) =~ PONG|NOAUTH ]]
}

# own_server [OPTION...]: a server that this test may harm.
own_server() {
	SERVERS=$DIR
	begin_server own "$@"
	use "redis+unix://$DIR/own"
}

# use URL: the store from here on.
use() {
	STORE=$1 STORE_RE=${1//+/\\+}
	ENVIRONMENT+=(CBRUN_STORE="$STORE")
}

cli() {
	redis-cli -s "$SERVERS/own" "$@" >/dev/null
}

# on HOST ARGUMENT...: cbrun on that host.
on() {
	private STATE_DIRECTORY="$DIR/$1" FAKE_HOST="$1" "$CBRUN" "${@:2}"
}

# each_host N SCRIPT: runs the script N times on each of four hosts, all at once, where $cbrun is the program.
each_host() {
	local host
	for host in one two three four; do
		private STATE_DIRECTORY="$DIR/$host" FAKE_HOST="$host" cbrun="$CBRUN" \
			sh -c "for i in \$(seq $1); do $2 & done; wait" 3>&- &
	done
	wait $(jobs -p | tail -n 4)
}

LEFT_ALONE='cannot use the store redis.*: it failed just now, and is left alone for a moment; this host.s own breaker guards'

# --- hosts ---

@test "the failures of one host open the breaker for all of them" {
	on one -n api -f 2 false || :
	on two -n api -f 2 false || :
	expect 75 "" "~cbrun: api: open \(2 consecutive failures\), retry in [0-9]+s" on three -n api -f 2 true
	expect 0 "~.* call .* on one.* call .* on two.* closed -> open .* on two" "" on four history api
	assert_equal "$(on four history api --json | jq -r .host | paste -sd ' ')" "one two two"
}

@test "of many starts on four hosts one is the trial call" {
	local round
	on one -n api -f 1 -o 1h false || :
	for round in 1 2; do
		advance 1h
		each_host 6 '"$cbrun" -q --store-timeout 20s -n api -f 1 -o 1h --probes 1 -- sh -c "echo >>ran; sleep 0.3; exit 1"'
		assert has_lines ran "$round"
		assert_equal "$(on one status api --json | jq -c '.breakers[0] | [.state, .in_flight, .totals.failures]')" \
			"[\"open\",0,$((round + 1))]"
	done
}

@test "of calls on four hosts at once each is counted once, and so is each event" {
	each_host 12 '"$cbrun" --store-timeout 20s --lock-timeout 20s -n api -- true'
	assert_field api .totals.calls 48
	assert_equal "$(cbrun history api --json | wc -l)" 48
	assert_equal "$(cbrun history api --json | jq -r .host | sort | uniq -c | tr -s ' \n' ' ')" " 12 four 12 one 12 three 12 two "
}

@test "no more commands run at once on all hosts together than --max-concurrent lets" {
	each_host 5 '"$cbrun" -q --store-timeout 20s -n api -c 2 --wait 20s -- sh -c "
		echo >run.\$\$; set -- run.*; echo \$# >>seen; sleep 0.02; rm run.\$\$"'
	assert_equal "$(sort -u seen | tail -n 1)" 2
	assert has_lines seen 20
}

# --- permits ---

token_expiry() {
	redis-cli -s "$SERVERS/main" zrange "$BATS_ROOT_PID/$BATS_SUITE_TEST_NUMBER:{api}:running" 0 -1 withscores | tail -n 1
}

later_than() {
	[ "$(token_expiry)" -gt "$1" ]
}

@test "a permit is renewed while its command runs, and given back at its end" {
	close_gate
	start cbrun env FAKE_LEASE_MS=4500 "$CBRUN" -n api -- flock -w 300 -s gate true
	eventually in_flight api 1
	eventually later_than "$(token_expiry)"
	open_gate
	finish "$PID" 0
	assert in_flight api 0
	assert_equal "$(redis-cli -s "$SERVERS/main" exists "$BATS_ROOT_PID/$BATS_SUITE_TEST_NUMBER:{api}:running")" 0
}

@test "a permit is renewed while attempts are waited for" {
	start cbrun env FAKE_LEASE_MS=4500 "$CBRUN" -n api -r 1 --retry-delay 1000h --retry-max 1000h false
	eventually in_flight api 1
	eventually later_than "$(token_expiry)"
	kill -TERM "$PID"
	finish "$PID" 143
}

permit_lost() {
	echo "cbrun: the store $STORE has given the permit of this call to others, since nothing was heard of it for too" \
		"long; how it ends changes no state"
}

is_let_in() {
	on two -q -n api -f 1 --probes 1 --successes 1 true
}

@test "the permit of a stopped cbrun goes, another host tries, and the late result changes nothing" {
	half_opened api
	close_gate
	start cbrun env FAKE_HOST=one FAKE_LEASE_MS=4500 "$CBRUN" -n api -f 1 --probes 1 -- sh -c 'flock -w 300 -s gate true; exit 1'
	eventually in_flight api 1
	kill -STOP "$PID"
	eventually is_let_in
	assert_state api closed
	open_gate
	kill -CONT "$PID"
	finish "$PID" 1
	assert_equal "$(cat cbrun.err)" "$(permit_lost)"
	assert_equal "$(cbrun status api --json | jq -c '.breakers[0] | [.state, .totals.failures, .consecutive_failures]')" \
		'["closed",2,0]'
}

# begin_link: a way to the server that can be cut, by stopping $LINK_PID; its URL is in $LINK.
begin_link() {
	python3 -c 'import socket, sys, threading
server = socket.create_server(("127.0.0.1", 0))
open("port", "w").write(str(server.getsockname()[1]) + "\n")
def pump(source, target):
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)
while True:
    near = server.accept()[0]
    far = socket.socket(socket.AF_UNIX)
    far.connect(sys.argv[1])
    for ends in ((near, far), (far, near)):
        threading.Thread(target=pump, args=ends, daemon=True).start()' "$SERVERS/main" >link.log 2>&1 3>&- &
	LINK_PID=$!
	eventually has_lines port 1
	LINK=redis://127.0.0.1:$(cat port)
}

@test "a host that is cut off in the midst of its trial call loses the permit, and what it brings changes nothing" {
	half_opened api
	close_gate
	begin_link
	start cbrun env FAKE_LEASE_MS=4500 STATE_DIRECTORY="$DIR/one" "$CBRUN" --store "$LINK" --store-timeout 2s -n api -f 1 --probes 1 \
		-- sh -c 'flock -w 300 -s gate true; exit 1'
	eventually in_flight api 1
	kill -STOP "$LINK_PID"
	eventually is_let_in
	open_gate
	finish "$PID" 1
	assert_equal "$(tail -n 1 cbrun.err)" \
		"cbrun: cannot use the store $LINK: no answer within 2000 ms; how the call ended counts on this host only"
	kill -CONT "$LINK_PID"
	assert_equal "$(cbrun status api --json | jq -c '.breakers[0] | [.state, .totals.failures]')" '["closed",1]'
}

# --- a server that cannot be used ---

@test "where the server is not there this host's own breaker guards, and one line says so" {
	use redis://127.0.0.1:1
	expect 1 "" "cbrun: cannot use the store redis://127.0.0.1:1: Connection refused; this host's own breaker guards" \
		on one -n api -f 1 false
	expect 75 "" "~cbrun: $LEFT_ALONE
cbrun: api: open .*" on one -n api -f 1 true
	expect 0 "" "~cbrun: cannot use .*" on two -n api -f 1 true
	expect 125 "" "cbrun: cannot use the store redis://127.0.0.1:1: Connection refused" \
		on one -n api --on-store-error reject touch ran
	assert [ ! -e ran ]
	expect 125 "" "cbrun: cannot use the store redis://127.0.0.1:1: Connection refused" on one status
}

@test "check and record go on with this host's own breaker, and other subcommands do not" {
	use redis://127.0.0.1:1
	expect 0 "" "cbrun: cannot use the store redis://127.0.0.1:1: Connection refused; this host's own breaker guards" on one check api
	assert [ ! -e one ]
	expect 0 "" "cbrun: cannot use the store redis://127.0.0.1:1: Connection refused; this host's own breaker guards" on one record api failure -f 1
	expect 75 "" "~cbrun: $LEFT_ALONE
cbrun: api: open .*" on one check api
	expect 125 "" "cbrun: cannot use the store redis://127.0.0.1:1: Connection refused" on one trip api
	expect 125 "" "cbrun: cannot use the store redis://127.0.0.1:1: Connection refused" on one metrics
}

@test "a server that hangs is waited for once in a few seconds, and then one call tries" {
	own_server
	on one -n api true
	kill -STOP "$SERVER_PID"
	expect 0 "" "cbrun: cannot use the store $STORE: no answer within 50 ms; this host's own breaker guards" \
		on one --store-timeout 50ms -n api true
	expect 3 "" "~cbrun: $LEFT_ALONE" on one --store-timeout 1h -n api -- sh -c 'exit 3'
	advance 5s
	expect 0 "" "cbrun: cannot use the store $STORE: no answer within 50 ms; this host's own breaker guards" \
		on one --store-timeout 50ms -n api true
	kill -CONT "$SERVER_PID"
	expect 0 "" "~cbrun: $LEFT_ALONE" on one -n api true
	advance 5s
	expect 0 "" "" on one --store-timeout 10s -n api true
	assert_equal "$(on one status api --json | jq '.breakers[0].totals.calls')" 2
	# nothing of what this host has counted meanwhile is told to the server
	assert_equal "$(on one status api --json --store "$DIR/one/cbrun.db" | jq -c '.breakers[0].totals.calls')" 4
}

@test "--deadline is kept where a server hangs, which is not held against the server" {
	own_server
	on one -n api true
	kill -STOP "$SERVER_PID"
	expect 124 "" "cbrun: api: --deadline was over before the command could start" \
		on one --store-timeout 1h --deadline 300ms -n api touch ran
	refute [ -e ran ]
	kill -CONT "$SERVER_PID"
	expect 0 "" "" on one --store-timeout 20s -n api true
}

@test "a server that ends while a command runs loses the outcome to this host alone" {
	own_server
	close_gate
	start cbrun env STATE_DIRECTORY="$DIR/one" "$CBRUN" -n api -f 1 -- sh -c 'flock -w 300 -s gate true; exit 3'
	eventually in_flight api 1
	kill "$SERVER_PID"
	wait "$SERVER_PID" || :
	open_gate
	finish "$PID" 3
	assert_equal "$(cat cbrun.err)" "cbrun: cannot use the store $STORE: No such file or directory; how the call ended counts on this host only"
	assert_equal "$(on one status api --store "$DIR/one/cbrun.db" --json | jq -c '.breakers[0] | [.state, .totals.failures]')" '["closed",1]'
}

@test "a server that has been started again without its data begins afresh, with the outcome of what was running" {
	own_server
	on one -n api true
	close_gate
	start cbrun "$CBRUN" -n api -f 1 -- sh -c 'flock -w 300 -s gate true; exit 3'
	eventually in_flight api 1
	cli flushall
	open_gate
	finish "$PID" 3
	assert_equal "$(cat cbrun.err)" "$(permit_lost)"
	assert_equal "$(cbrun status api --json | jq -c '.breakers[0] | [.state, .totals.calls, .totals.failures]')" '["closed",1,1]'
}

@test "a breaker that was removed while its command ran does not come back" {
	close_gate
	start cbrun "$CBRUN" -n api -- flock -w 300 -s gate true
	eventually in_flight api 1
	expect 0 "" "~.*" cbrun remove api
	open_gate
	finish "$PID" 0
	expect 0 "" "cbrun: no breakers yet" cbrun status
}

@test "what a server answers instead is told in words, and this host's own breaker guards" {
	own_server
	on one -n api true
	cli config set maxmemory 1
	expect 3 "" "cbrun: cannot use the store $STORE: it has no memory left (maxmemory); this host's own breaker guards" \
		on two -n api -- sh -c 'exit 3'
	cli config set maxmemory 0
	cli replicaof 127.0.0.1 1
	expect 3 "" "cbrun: cannot use the store $STORE: it is a replica that can only be read; this host's own breaker guards" \
		on three -n api -- sh -c 'exit 3'
	expect 0 "~.*api .*" "" on three status
	cli replicaof no one
	cli config set requirepass secret
	expect 3 "" "cbrun: cannot use the store $STORE: it wants a password: set CBRUN_REDIS_PASSWORD or redis-password-file; this host's own breaker guards" \
		on four -n api -- sh -c 'exit 3'
}

# nonsense TEXT: a server that answers whoever connects with that, until nobody has come for 300 s; its URL is in $STORE.
nonsense() {
	python3 -c 'import socket, sys
server = socket.create_server(("127.0.0.1", 0))
server.settimeout(300)
open("port", "w").write(str(server.getsockname()[1]) + "\n")
kept = []
while True:
    kept.append(server.accept()[0])
    kept[-1].recv(9)
    kept[-1].sendall(sys.argv[1].encode())' "$1" >nonsense.log 2>&1 3>&- &
	eventually has_lines port 1
	use "redis://127.0.0.1:$(cat port)"
}

@test "a server that speaks something else is no store" {
	nonsense $'HTTP/1.1 400 Bad Request\r\n\r\n'
	expect 3 "" "cbrun: cannot use the store $STORE: it does not answer as Redis does; this host's own breaker guards" \
		on one -n api -- sh -c 'exit 3'
}

@test "a server that answers with less than it should is no store" {
	nonsense $'*2\r\n:1\r\n$3\r\nabc\r\n'
	expect 3 "" "cbrun: cannot use the store $STORE: it gave an answer that cbrun does not know; this host's own breaker guards" \
		on one -n api -- sh -c 'exit 3'
}

@test "an answer that does not end is waited for no longer than one that does not come" {
	nonsense $'*2\r\n:1\r\n$1000000000\r\nabc'
	expect 3 "" "cbrun: cannot use the store $STORE: no answer within 50 ms; this host's own breaker guards" \
		on one --store-timeout 50ms -n api -- sh -c 'exit 3'
}

@test "what a server says is shown with its control characters escaped" {
	nonsense $'-ERR \e[31mred\x07\r\n'
	expect 3 "" "cbrun: cannot use the store $STORE: it answers 'ERR \\e[31mred\\a'; this host's own breaker guards" \
		on one -n api -- sh -c 'exit 3'
}

@test "where neither the server nor this host's own store can be used the command runs unguarded" {
	use redis://127.0.0.1:1
	: >one
	expect 3 "" "~cbrun: cannot use the store redis://127.0.0.1:1: .*
cbrun: api: .*; running the command unguarded" on one -n api -- sh -c 'exit 3'
}

# --- who may use it ---

@test "the password comes from the environment or from a file, and is in no message" {
	own_server --requirepass secret
	expect 0 "" "" private CBRUN_REDIS_PASSWORD=secret "$CBRUN" -n api true
	echo secret >password
	expect 0 "" "" cbrun --redis-password-file password -n api true
	expect 0 "" "~cbrun: cannot use the store $STORE_RE: it refuses the user or the password; .*" \
		private CBRUN_REDIS_PASSWORD=wrong STATE_DIRECTORY="$DIR/two" "$CBRUN" -n api true
	expect 0 "~.*totals.*calls\":2.*" "" private CBRUN_REDIS_PASSWORD=secret "$CBRUN" status --json
	expect 125 "" "~cbrun: a password must not be part of --store.*" cbrun --store redis://me:secret@127.0.0.1 -n api true
	assert [ "${stderr#*secret}" = "$stderr" ]
}

@test "a user of the server needs no more rights than the manual says" {
	own_server
	local rule
	rule=$(man -l "$BATS_TEST_DIRNAME/../../man/cbrun-redis.7" | col -b | grep -A 1 'user cbrun on' | tr -s '\n\t ' ' ')
	rule=${rule# }
	cli $(sed "s/^user /acl setuser /; s/>password/>secret/; s/ *$//" <<<"$rule")
	cli config set requirepass other
	use "redis+unix://cbrun@$DIR/own"
	ENVIRONMENT+=(CBRUN_REDIS_PASSWORD=secret CBRUN_REDIS_PREFIX=cbrun:)
	expect 1 "" "" cbrun -n api -f 1 false
	expect 0 "~.*api .*" "" cbrun status
	expect 0 "~.*" "" cbrun history api
	expect 0 "" "" cbrun rename api other
	expect 0 "~(ok .*|
)*" "" cbrun doctor
	expect 0 "" "" cbrun remove other
}

@test "what stands for another prefix is another store" {
	cbrun -n api true
	expect 0 "" "cbrun: no breakers yet" cbrun status --redis-prefix other:
	expect 125 "" "cbrun: invalid redis-prefix 'a{b}': expected at most 63 bytes, and no braces" cbrun status --redis-prefix 'a{b}'
}

# --- acts and looks ---

@test "a breaker on a server is acted on, renamed and removed like any other" {
	cbrun -n api true
	expect 0 "" "" cbrun trip api --for 1h --reason storm
	assert_state api open
	expect 0 "" "" cbrun rename api web
	assert_state web open
	expect 1 "" "cbrun: no breaker named 'api'" cbrun reset api
	cbrun -n api true
	expect 125 "" "cbrun: there is a breaker named 'api' already" cbrun rename web api
	expect 0 "" "" cbrun reset web
	expect 0 "" "" cbrun disable api web
	expect 0 "" "" cbrun enable api
	expect 0 "" "" cbrun remove api web
	expect 0 "" "cbrun: no breakers yet" cbrun status
}

@test "kept output stays on its host" {
	on one -n api -f 1 --stale-ok 1h echo good
	on two -n api -f 1 --stale-ok 1h false || :
	expect 0 good "~cbrun: api: open .*" on one -n api --stale-ok 1h true
	expect 75 "" "~cbrun: api: open .*" on two -n api --stale-ok 1h true
}

@test "status and metrics name the engine" {
	cbrun -n api true
	expect 0 '~\{"schema":1,"engine":"redis","breakers":\[\{"name":"api",.*' "" cbrun status --json
	expect 0 "~.*cbrun_store_info\\{engine=\"redis\"\\} 1.*" "" cbrun metrics
}

@test "a server that has forgotten its scripts is given them again" {
	own_server
	cbrun -n api true
	cli script flush
	expect 0 "" "" cbrun -n api true
	assert_field api .totals.calls 2
}

@test "a record that cannot be read starts afresh, and one of a newer cbrun is left alone" {
	own_server
	ENVIRONMENT+=(CBRUN_REDIS_PREFIX=cbrun:)
	cbrun -n api true
	cli hset 'cbrun:{api}:breaker' record garbage
	expect 0 "" "cbrun: the record of breaker api in the store $STORE is damaged; it starts afresh" cbrun -n api true
	assert_field api .totals.calls 1
	cli hset 'cbrun:{api}:breaker' record $'\x1egarbage'
	expect 0 "" "~cbrun: cannot use breaker api in the store $STORE_RE: a newer cbrun wrote it .*; this host's own breaker guards" \
		cbrun -n api true
	expect 0 "" "~cbrun: cannot tell whether api, which is needed, is open: a newer cbrun .*; this host's own breaker guards" \
		cbrun -n web --needs none,api true
	cli hset 'cbrun:{api}:breaker' record garbage
	expect 0 "" "~cbrun: cannot tell whether api, which is needed, is open: its record .* is damaged; .*; this host's own breaker guards" \
		cbrun -n web --needs none,api true
	expect 0 "" "" cbrun -n other --needs none true
}

@test "a history that others have cut short or written into is shown as far as it can be" {
	own_server
	ENVIRONMENT+=(CBRUN_REDIS_PREFIX=cbrun:)
	repeat 3 cbrun -n api true
	cli xadd 'cbrun:{api}:events' 1000-0 event garbage host x
	expect 0 "~.* call .* call .* call .*" "cbrun: an event of breaker api in the store $STORE is damaged" cbrun history api
}

# begin_node NAME SLOTS: one of a Cluster, which has these slots; its port is in $PORT.
begin_node() {
	PORT=$(python3 -c 'import socket
server = socket.socket()
for port in range(21000 + hash(object()) % 9000, 32000):
    try:
        server.bind(("127.0.0.1", port))
    except OSError:
        continue
    print(port)
    break')
	begin_server "$1" --port "$PORT" --bind 127.0.0.1 --cluster-enabled yes --cluster-config-file "$1.conf"
	redis-cli -s "$SERVERS/$1" cluster addslotsrange $2 >/dev/null
}

cluster_works() {
	[[ $(redis-cli -s "$SERVERS/$1" cluster info) == *cluster_state:ok* ]]
}

@test "on a Cluster each breaker is where its slot is, and only a renaming is refused" {
	local name first
	SERVERS=$DIR
	begin_node low "0 8191"
	first=$PORT
	begin_node high "8192 16383"
	redis-cli -p "$first" cluster meet 127.0.0.1 "$PORT" >/dev/null
	eventually cluster_works low
	eventually cluster_works high
	use "redis://127.0.0.1:$first"
	for name in a b c d; do # two of them on each
		expect 1 "" "" cbrun -n $name --store-timeout 10s -f 1 --needs other,more false
	done
	expect 0 "~NAME .*
a .*
b .*
c .*
d .*" "" cbrun status --store-timeout 10s
	expect 75 "" "~cbrun: d: open .*" cbrun -n d --store-timeout 10s -f 1 false
	expect 75 "" "~cbrun: e: .*needs c, which is open.*" cbrun -n e --store-timeout 10s --needs other,c,more true
	expect 0 "~.* c .* d .*" "" cbrun history c d --store-timeout 10s
	expect 125 "" "~cbrun: cannot use the store .*: it is part of a Cluster, where this cannot be done" \
		cbrun rename a z --store-timeout 10s
	expect 0 "" "" cbrun remove a b c d e --store-timeout 10s
	expect 0 "" "cbrun: no breakers yet" cbrun status --store-timeout 10s
}

@test "doctor tells of the server" {
	own_server
	cbrun -n api true
	expect 0 "~ok   $STORE_RE answers
ok   (Redis|Valkey) [0-9.]+
ok   it is a primary server
ok   persistence: snapshots, or none; replicas: 0
ok   maxmemory-policy is noeviction, and there is no memory limit
(ok|BAD)   *it answers within .*
ok   its clock, which counts for all hosts, is .*
ok   breakers: 1, running calls: 0" "" cbrun doctor --store-timeout 10s
	cli config set maxmemory-policy allkeys-lru
	cli config set maxmemory 1gb
	expect 1 "~.*BAD  maxmemory-policy is allkeys-lru: a full server forgets breakers.*" "" cbrun doctor --store-timeout 10s
	expect 1 "BAD  cannot use the store redis://127.0.0.1:1: Connection refused" "" cbrun doctor --store redis://127.0.0.1:1
}

@test "what is no server's address is told" {
	local url
	for url in redis:// redis://host:0 redis://host:1x redis://[::1 redis://host/x redis+unix://relative; do
		expect 125 "" "cbrun: invalid store '$url': expected redis://[user@]host[:port][/db] or redis+unix:///path[?db=N]" \
			cbrun status --store "$url"
	done
	expect 125 "" "~cbrun: this cbrun does not speak TLS to a server.*" cbrun status --store rediss://host
	expect 125 "" "~cbrun: invalid store 'redis:/host': expected .*" cbrun -n api --store redis:/host touch ran
	assert [ ! -e ran ]
}

@test "breakers of another database are others" {
	cbrun -n api true
	expect 0 "" "cbrun: no breakers yet" cbrun status --store "$STORE?db=1"
}
