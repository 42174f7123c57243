# Small manners: names of signals, machines without /dev, what comes too late.
load helper

# sends TITLE NAME: at the time limit that signal, which is told by its title.
sends() {
	expect 124 "" "~cbrun: api: closed, running 'sleep'
cbrun: sending signal ${1/+/\\+} to command 'sleep'
cbrun: api: time limit of 50ms: timeout \([0-9]+ of 100\)" cbrun -n api -v -f 100 --failure-rate 0 -t 50ms -s "$2" -- sleep 20
}

@test "signals are named in any case, and told by name" {
	local name
	for name in term SIGTERM sigterm 15; do
		sends TERM $name
	done
	sends RTMAX rtmax
	sends RTMIN+2 sigrtmin+2
}

@test "without /dev, closed descriptors cost neither the store nor a line in a wrong file" {
	root_only
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	grep -q __asan_init "$CBRUN_REAL" && skip "needs a program that starts anywhere"
	private unshare -m sh -c 'mount -t tmpfs none /dev && exec "$0" -n api -- sh -c "exit 3" >&- 2>&-' "$CBRUN_REAL" || :
	private unshare -m sh -c 'mount -t tmpfs none /dev && exec "$0" -n api --bogus -- true 2>&-' "$CBRUN_REAL" || :
	private unshare -m sh -c 'mount -t tmpfs none /dev && exec "$0" -n api -v -- sh -c "exit 3" 2>&-' "$CBRUN_REAL" || :
	assert_equal "$(real status api --json | jq '.breakers[0].totals.failures')" 2
	assert [ ! -s "$STORE.permits" ]
	expect 0 "" "" eval 'real doctor >/dev/null'
}

# A machine of our own whose log is a socket at PATH: hang.py PATH COMMAND... fills its queue, and nobody reads.
write_hang() {
	cat >hang.py <<-'END'
		import os, socket, subprocess, sys
		path = sys.argv[1]
		os.makedirs(os.path.dirname(path), exist_ok=True)
		server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		server.bind(path)
		client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		client.setblocking(False)
		try:
		    while True:
		        client.sendto(b"x" * 1000, path)
		except BlockingIOError:
		    pass
		sys.exit(subprocess.run(sys.argv[2:]).returncode)
	END
}

# logs_to_hang WHERE NAME DIRECTORY SOCKET: a transition is logged there, on a machine whose log hangs; DIRECTORY is our own.
logs_to_hang() {
	root_only
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	write_hang
	expect 3 "" "cbrun: cannot log to $2: Resource temporarily unavailable" \
		private unshare -m sh -c 'mount -t tmpfs none "$1" && shift && exec timeout 120 python3 hang.py "$@"' - "$3" "$4" \
		"$CBRUN_REAL" -n api -f 1 --log "$1" -- sh -c 'exit 3'
}

@test "a journal that hangs does not hold up the call" {
	logs_to_hang journal "the journal" /run /run/systemd/journal/socket
}

@test "a syslog that hangs does not hold up the call" {
	logs_to_hang syslog syslog /dev /dev/log
}

@test "syslog gets each transition as syslog(3) would send it, and nothing is said where there is none" {
	root_only
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	cat >hear.py <<-'END'
		import os, socket, subprocess, sys
		server = socket.socket(socket.AF_UNIX, getattr(socket, "SOCK_" + sys.argv[1]))
		server.bind("/dev/log")
		if sys.argv[1] == "STREAM":
		    server.listen()
		child = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE)
		server.setblocking(False)
		if sys.argv[1] == "STREAM":
		    server = server.accept()[0]
		print(repr(server.recv(65536)))
		sys.exit(child.returncode)
	END
	in_dev() {
		private unshare -m sh -c 'mount -t tmpfs none /dev && exec timeout 120 "$@"' - "$@"
	}
	message='[A-Z][a-z]{2} [ 1-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9] cbrun\[[0-9]+\]: ([a-z]+): closed -> open \(1 consecutive failure\), retry in 1h'
	expect 3 "~b'<28>$message'" "" in_dev python3 hear.py DGRAM "$CBRUN_REAL" -n api -f 1 -o 1h --log syslog -- sh -c 'exit 3'
	expect 3 "~b'<28>$message\\\\x00'" "" in_dev python3 hear.py STREAM "$CBRUN_REAL" -n web -f 1 -o 1h --log syslog -- sh -c 'exit 3'
	expect 3 "" "" in_dev "$CBRUN_REAL" -n none -f 1 --log syslog -- sh -c 'exit 3'
}

@test "the journal gets each transition with fields that it can be searched by" {
	root_only
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	cat >hear.py <<-'END'
		import os, socket, subprocess, sys
		os.makedirs("/run/systemd/journal")
		server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		server.bind("/run/systemd/journal/socket")
		status = subprocess.run(sys.argv[1:]).returncode
		server.setblocking(False)
		try:
		    while True:
		        print(server.recv(65536).decode())
		except BlockingIOError:
		    sys.exit(status)
	END
	heard() {
		private unshare -m sh -c 'mount -t tmpfs none /run && exec timeout 120 python3 hear.py "$@"' - "$CBRUN" "$@"
	}
	expect 3 "PRIORITY=4
SYSLOG_IDENTIFIER=cbrun
MESSAGE_ID=2b325ea634b947779c330cb8ed746cea
MESSAGE=api: closed -> open (1 consecutive failure), retry in 1h
CBRUN_NAME=api
CBRUN_FROM=closed
CBRUN_TO=open
CBRUN_REASON=1 consecutive failure" "" heard -n api -f 1 -o 1h --log journal -- sh -c 'exit 3'
	# what a person writes cannot make a field of its own
	printf '[default]\nlog = journal\n' >"$CONFIG"
	expect 0 "~(.*
)?CBRUN_TO=closed
CBRUN_REASON=.*all is well\\\\nCBRUN_TO=open" "" heard reset api --reason $'all is well\nCBRUN_TO=open'
	expect 0 "~PRIORITY=3
SYSLOG_IDENTIFIER=cbrun
MESSAGE_ID=5356b96d907342328b55b6443c47284a
MESSAGE=api: .*
CBRUN_NAME=api" "~cbrun: api: .*" heard -n api --store /dev/null/x -- true
}
