# outcomes.bats: --outcomes, tried with real programs and real servers on loopback: one that is down counts, what is
# mistyped does not.
load helper

# Where nobody listens.
DOWN=1

# --- servers, one of each for all tests of the file ---

setup_file() {
	BASE=$BATS_FILE_TMPDIR
	: >"$BASE/pids"
	mkdir "$BASE/data"
	echo hello >"$BASE/data/file"
	pick_ports
	start_postgres
	start_sshd
	start_rsyncd
	start_git
	serve redis redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --save '' --dir "$BASE"
	await "$RSYNC_PORT" "$GIT_PORT" "$REDIS_PORT" "$SSH_PORT" "$POSTGRES_PORT"
}

teardown_file() {
	local pid
	while read -r pid; do
		kill "$pid" 2>/dev/null || :
	done <"$BATS_FILE_TMPDIR/pids"
}

# serve NAME COMMAND...: runs a server until teardown_file().
serve() {
	local name=$1
	shift
	"$@" >"$BATS_FILE_TMPDIR/$name.log" 2>&1 </dev/null 3>&- &
	echo $! >>"$BATS_FILE_TMPDIR/pids"
}

pick_ports() {
	read -r SSH_PORT RSYNC_PORT GIT_PORT REDIS_PORT POSTGRES_PORT < <(python3 -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(5)]
print(*(s.getsockname()[1] for s in sockets))')
	export SSH_PORT RSYNC_PORT GIT_PORT REDIS_PORT POSTGRES_PORT
}

listens() {
	(: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# await PORT...: until somebody listens there.
await() {
	local port end=$((SECONDS + 60))
	for port; do
		until listens "$port"; do
			((SECONDS < end)) || { tail "$BATS_FILE_TMPDIR"/*.log >&2; return 1; }
			sleep 0.05
		done
	done
}

start_sshd() {
	local base=$BATS_FILE_TMPDIR
	ssh-keygen -q -t ed25519 -N '' -f "$base/host_key"
	ssh-keygen -q -t ed25519 -N '' -f "$base/key"
	cp "$base/key.pub" "$base/authorized"
	cat >"$base/sshd_config" <<-END
		ListenAddress 127.0.0.1:$SSH_PORT
		HostKey "$base/host_key"
		AuthorizedKeysFile "$base/authorized"
		PidFile none
		StrictModes no
		Subsystem sftp internal-sftp
	END
	[ "$EUID" -ne 0 ] || mkdir -p /run/sshd
	serve sshd /usr/sbin/sshd -D -e -f "$base/sshd_config"
}

start_rsyncd() {
	cat >"$BATS_FILE_TMPDIR/rsyncd.conf" <<-END
		use chroot = no
		address = 127.0.0.1
		port = $RSYNC_PORT
		[data]
		path = $BATS_FILE_TMPDIR/data
	END
	serve rsyncd rsync --daemon --no-detach --config="$BATS_FILE_TMPDIR/rsyncd.conf"
}

start_git() {
	git init -q --bare "$BATS_FILE_TMPDIR/repository" 2>/dev/null
	serve git "$(git --exec-path)/git-daemon" --base-path="$BATS_FILE_TMPDIR" --export-all --listen=127.0.0.1 --port="$GIT_PORT"
}

# A cluster refuses to be root's.
start_postgres() {
	local programs as=() base=$BATS_FILE_TMPDIR/postgres
	programs=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
	mkdir "$base"
	if [ "$EUID" -eq 0 ]; then
		chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/file" "$BATS_FILE_TMPDIR" 2>/dev/null || :
		chown 65534:65534 "$base"
		as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	fi
	(cd "$base" && "${as[@]}" "$programs/initdb" -D "$base/cluster" -A trust -U tester --no-sync --locale C -E UTF8) >"$base.log" 2>&1
	serve postgres "${as[@]}" "$programs/postgres" -D "$base/cluster" -p "$POSTGRES_PORT" -h 127.0.0.1 -k '' -F
}

# --- judging ---

# counted OUTCOME STATUS COMMAND...: with --outcomes auto, the command exits with that status, and counts as that.
counted() {
	local outcome=$1 status=$2
	shift 2
	expect "$status" "~.*" "~.*" cbrun -n api -f 0 --failure-rate 100 --outcomes auto -- "$@"
	assert_equal "$(cbrun history api --json | jq -r 'select(.kind == "call").outcome' | tail -n 1) of $*" "$outcome of $*"
}

# As options of ssh and what calls it, which divide them at spaces.
ssh_options() {
	cp "$BATS_FILE_TMPDIR/key" "$DIR"
	printf '%s ' -F none -i key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		-o LogLevel=ERROR -o BatchMode=yes
	echo
}

# Logging in needs a shell, which an ordinary user of the tests may not have.
needs_login() {
	# shellcheck disable=SC2046 # options
	ssh $(ssh_options) -p "$SSH_PORT" 127.0.0.1 true || skip "this user cannot log in"
}

@test "curl: a server that is down counts, a mistyped URL does not" {
	start httpd "$BATS_TEST_DIRNAME/../tools/httpd" "$DIR"
	eventually test -s httpd.out
	local url
	url=http://127.0.0.1:$(cat httpd.out)
	counted success 0 curl -sS "$url/"
	counted failure 7 curl -sS "http://127.0.0.1:$DOWN/"
	counted failure 22 curl -fsS "$url/503"
	counted ignored 3 curl -sS "http:///"
	counted ignored 1 curl -sS "htp://127.0.0.1/"
	counted ignored 2 curl --nosuch
}

@test "wget: a server that is down counts, a mistyped option does not" {
	start httpd "$BATS_TEST_DIRNAME/../tools/httpd" "$DIR"
	eventually test -s httpd.out
	local url
	url=http://127.0.0.1:$(cat httpd.out)
	counted success 0 wget -q -O - "$url/"
	counted failure 4 wget -q -t 1 -O - "http://127.0.0.1:$DOWN/"
	counted failure 8 wget -q -t 1 -O - "$url/500"
	counted ignored 2 wget --nosuch
}

@test "ssh: a host that is down counts, a mistyped remote command does not" {
	needs_login
	local options
	read -ra options < <(ssh_options)
	counted success 0 ssh "${options[@]}" -p "$SSH_PORT" 127.0.0.1 true
	counted ignored 127 ssh "${options[@]}" -p "$SSH_PORT" 127.0.0.1 nosuchcommand
	counted ignored 1 ssh "${options[@]}" -p "$SSH_PORT" 127.0.0.1 false
	counted failure 255 ssh "${options[@]}" -p "$DOWN" 127.0.0.1 true
}

@test "scp and sftp: a host that is down counts, a file that does not exist does not" {
	needs_login
	local options
	read -ra options < <(ssh_options)
	counted success 0 scp "${options[@]}" -P "$SSH_PORT" "127.0.0.1:$BATS_FILE_TMPDIR/data/file" got
	counted ignored 1 scp "${options[@]}" -P "$SSH_PORT" "127.0.0.1:$BATS_FILE_TMPDIR/data/nosuch" got
	counted failure 255 scp "${options[@]}" -P "$DOWN" "127.0.0.1:$BATS_FILE_TMPDIR/data/file" got
	echo "get '$BATS_FILE_TMPDIR/data/nosuch'" >batch
	counted ignored 1 sftp "${options[@]}" -P "$SSH_PORT" -b batch 127.0.0.1
	counted failure 255 sftp "${options[@]}" -P "$DOWN" -b batch 127.0.0.1
}

@test "rsync: a server that is down counts, a mistyped path or option does not" {
	counted success 0 rsync "rsync://127.0.0.1:$RSYNC_PORT/data/file" got
	counted ignored 23 rsync "rsync://127.0.0.1:$RSYNC_PORT/data/nosuch" got
	counted ignored 1 rsync --nosuch
	counted failure 10 rsync "rsync://127.0.0.1:$DOWN/data/file" got
}

@test "rsync over ssh: a host that is down counts, a mistyped path does not" {
	needs_login
	counted success 0 rsync -e "ssh $(ssh_options) -p $SSH_PORT" "127.0.0.1:$BATS_FILE_TMPDIR/data/file" got
	counted ignored 23 rsync -e "ssh $(ssh_options) -p $SSH_PORT" "127.0.0.1:$BATS_FILE_TMPDIR/data/nosuch" got
	# with 12 or 255, whichever of its processes notices first
	run cbrun -n api -f 1 -o 1h --outcomes rsync -- rsync -e "ssh $(ssh_options) -p $DOWN" "127.0.0.1:$BATS_FILE_TMPDIR/data/file" got
	assert_failure
	assert_state api open
}

@test "git: a server that is down counts, a mistyped command or option does not" {
	counted success 0 git ls-remote "git://127.0.0.1:$GIT_PORT/repository"
	counted failure 128 git ls-remote "git://127.0.0.1:$DOWN/repository"
	counted ignored 1 git lsremote
	counted ignored 129 git ls-remote --nosuch
}

@test "psql: a server that is down counts, mistyped SQL does not" {
	local psql=(psql -X -h 127.0.0.1 -U tester -d postgres -At)
	counted success 0 "${psql[@]}" -p "$POSTGRES_PORT" -c 'select 1'
	counted ignored 1 "${psql[@]}" -p "$POSTGRES_PORT" -c 'selct 1'
	echo 'selct 1;' >script
	counted ignored 3 "${psql[@]}" -p "$POSTGRES_PORT" -v ON_ERROR_STOP=1 -f script
	counted ignored 1 "${psql[@]}" --nosuch
	counted failure 2 "${psql[@]}" -p "$DOWN" -c 'select 1'
}

@test "pg_dump cannot tell, pg_isready can" {
	counted failure 1 pg_dump -h 127.0.0.1 -U tester -p "$POSTGRES_PORT" -t nosuch postgres
	counted failure 1 pg_dump -h 127.0.0.1 -U tester -p "$DOWN" postgres
	counted success 0 pg_isready -h 127.0.0.1 -p "$POSTGRES_PORT"
	counted failure 2 pg_isready -h 127.0.0.1 -p "$DOWN"
	counted ignored 3 pg_isready --nosuch
}

@test "redis-cli: a server that is down counts, a mistyped command does not" {
	counted success 0 redis-cli -p "$REDIS_PORT" ping
	counted success 0 redis-cli -p "$REDIS_PORT" pnig
	counted failure 1 redis-cli -p "$DOWN" ping
}

# --- git over ssh ---

# ls_remote PORT [VARIABLE=VALUE...]: git with a guarded ssh below it.
ls_remote() {
	private GIT_SSH_COMMAND="'$CBRUN' -n host -f 2 -o 1h --outcomes ssh -- ssh $(ssh_options) -p $1" "${@:2}" \
		git ls-remote "ssh://127.0.0.1${BATS_FILE_TMPDIR// /%20}/repository"
}

@test "that git asks ssh -G first neither counts nor ends the failures in a row" {
	expect 128 "" "~ssh: connect to host .*" ls_remote "$DOWN"
	assert_field host '[.state, .totals.calls, .totals.failures]' '["closed",1,1]'
	expect 128 "" "~ssh: connect to host .*" ls_remote "$DOWN"
	assert_field host '[.state, .totals.calls, .totals.failures]' '["open",2,2]'
	expect 128 "" "~cbrun: host: open .*" ls_remote "$DOWN"
	assert_field host '[.totals.calls, .totals.rejected]' '[2,1]'
}

@test "git over a guarded ssh works, and a repository that does not exist is not the host's fault" {
	needs_login
	expect 0 "" "" ls_remote "$SSH_PORT" GIT_SSH_VARIANT=ssh
	expect 128 "" "~.*not appear to be a git repository.*" private \
		GIT_SSH_COMMAND="'$CBRUN' -n host --outcomes ssh -- ssh $(ssh_options) -p $SSH_PORT" GIT_SSH_VARIANT=ssh \
		git ls-remote "ssh://127.0.0.1${DIR// /%20}/missing"
	assert_field host '[.totals.successes, .totals.ignored, .totals.failures]' '[1,1,0]'
}

@test "ssh -V runs while the breaker is open, and is no call" {
	opened host
	expect 0 "" "~OpenSSH.*" cbrun -n host --outcomes ssh -- ssh -V
	expect 0 "" "~cbrun: host: running 'ssh', which contacts nobody and is not counted
OpenSSH.*" cbrun -n host -v --outcomes auto -- ssh -V
	expect 75 "" "~cbrun: host: open .*" cbrun -n host --outcomes none -- ssh -V
	assert_field host '[.totals.calls, .totals.rejected]' '[1,1]'
}

# --- the option ---

# program_named NAME: a program of that name, which exits with its argument.
program_named() {
	printf '#!/bin/sh\nexit "$1"\n' >"$1"
	chmod +x "$1"
}

@test "auto goes by the base name of the command, and says with -v when it knows nothing" {
	program_named curl
	expect 3 "" "" cbrun -n api --outcomes auto -- ./curl 3
	assert_field api '[.totals.ignored, .totals.failures]' '[1,0]'
	expect 3 "" "" cbrun -n api --outcomes auto -- sh -c 'exit 3'
	expect 3 "" "~cbrun: api: nothing is known of the exit statuses of 'sh'
cbrun: api: closed, running 'sh'
cbrun: api: exit 3 after [0-9ms]+: failure .*" cbrun -n api -v --outcomes auto -- sh -c 'exit 3'
	assert_field api '[.totals.ignored, .totals.failures]' '[1,2]'
}

@test "a program's name says what the statuses of any command mean" {
	expect 24 "" "" cbrun -n api --outcomes rsync -- sh -c 'exit 24'
	expect 1 "" "" cbrun -n api --outcomes monitoring-plugin -- sh -c 'exit 1'
	expect 3 "" "" cbrun -n api --outcomes monitoring-plugin -- sh -c 'exit 3'
	expect 2 "" "" cbrun -n api --outcomes monitoring-plugin -- sh -c 'exit 2'
	assert_field api '[.totals.successes, .totals.ignored, .totals.failures]' '[2,1,1]'
}

@test "the lists stand over the table" {
	expect 3 "" "" cbrun -n api --outcomes curl --failure-on 3 -- sh -c 'exit 3'
	expect 2 "" "" cbrun -n api --outcomes curl --success-on 0,2 -- sh -c 'exit 2'
	expect 7 "" "" cbrun -n api --outcomes curl --ignore-on 7 -- sh -c 'exit 7'
	assert_field api '[.totals.successes, .totals.ignored, .totals.failures]' '[1,1,1]'
}

@test "a failure that is the caller's own is not tried again" {
	expect 3 "once" "" cbrun -n api --outcomes curl -r 3 -- sh -c 'echo once; exit 3'
}

@test "a program that is not known is refused, and the nearest is named" {
	expect 125 "" "cbrun: invalid --outcomes 'crul': expected auto, none or a program that 'cbrun help outcomes' lists; the nearest is curl" \
		cbrun -n api --outcomes crul -- true
}

@test "record judges by the table, and so does a breaker whose section says so" {
	expect 0 "" "" cbrun record api 3 --outcomes curl
	printf '[breaker api]\noutcomes = curl\n' >"$CONFIG"
	expect 0 "" "" cbrun record api 3
	expect 0 "" "" cbrun record api 7
	assert_field api '[.totals.ignored, .totals.failures]' '[2,1]'
	assert_equal "$(cbrun config api | grep ^outcomes | tr -s ' ')" "outcomes curl $CONFIG:2"
}

@test "help outcomes prints the table" {
	expect 0 "~What --outcomes knows.*
curl
    service's fault  5-8,.*
    \[curl\(1\) .*" "" cbrun help outcomes
}
