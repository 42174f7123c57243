# cron.bats: Debian's cron itself, and what it mails. The real daemon runs each line of a crontab once, at the next full
# minute, in a mount namespace of its own, where sendmail is a script that stores the mail. cbrun's clock is the tests', so
# the breakers' stories are days long all the same.
load helper
load processes

MAILED='([A-Z][a-z][a-z] |[-0-9]{10} )?[0-9]{2}:[0-9]{2}'

setup() {
	root_only
	[ -x /usr/sbin/cron ] || skip "needs cron"
	unshare --mount true 2>/dev/null || skip "needs a mount namespace"
	make_private
}

# run_cron: starts the daemon in such a namespace. Its mails go to mails/, a file each.
run_cron() {
	mkdir -p sbin mails empty run
	cp /usr/sbin/cron sbin/cron
	program sbin/sendmail <<-END
		#!/bin/sh
		cat >$DIR/mails/\$\$.new && mv $DIR/mails/\$\$.new $DIR/mails/\$\$
	END
	program cron_inside <<-'END'
		#!/bin/sh
		mount --bind sbin /usr/sbin && mount --bind empty /etc/cron.d && mount --bind empty /var/spool/cron &&
			mount --bind run /run && mount --bind crontab /etc/crontab || exit 99
		exec /usr/sbin/cron -f
	END
	start cron unshare --mount ./cron_inside
	CRON=$PID
}

# crontab_line NAME OPTION... -- COMMAND: a job, which notes that it has been run.
crontab_line() {
	local name=$1
	shift
	echo "* * * * * root echo $name >>'$DIR/ran'; '$CBRUN' -n $name --preset cron $*; echo $name \$? >>'$DIR/ended'"
}

# mail_of NAME: the body of the mail about a breaker's job; "" = there is none.
mail_of() {
	local mail
	mail=$(grep -l "^Subject: Cron .* -n $1 " mails/* || :)
	[ -z "$mail" ] || sed '1,/^$/d' "$mail"
}

# Each job's past, before cron runs it once more.
prepare() {
	local cron=(--preset cron)
	private "$CBRUN" -n fine "${cron[@]}" true
	for text in first second; do
		private "$CBRUN" -n breaks "${cron[@]}" -- sh -c "echo $text failure; exit 7" >/dev/null 2>&1 || :
	done
	private "$CBRUN" -n dies "${cron[@]}" true
	for name in back still; do
		repeat 3 private "$CBRUN" -n $name "${cron[@]}" -- sh -c 'exit 3' >/dev/null 2>&1
	done
	private "$CBRUN" -n off "${cron[@]}" true
	private "$CBRUN" disable off
	start hung "$CBRUN" -n hangs -c 1 -- flock -w 300 -s gate true
	HUNG=$PID
	eventually in_flight hangs 1
	private "$CBRUN" -n hangs -c 1 "${cron[@]}" true
	advance 25h
	for _ in 1 2 3; do # it opens now, so that it is tried again no sooner than cron comes
		private "$CBRUN" -n held "${cron[@]}" -- sh -c 'exit 3' >/dev/null 2>&1 || :
	done
}

@test "cron mails once when a job breaks and when it is back, once a day between, and what else a person must know" {
	close_gate
	prepare
	{
		echo 'MAILTO=root'
		printf '%s=%s\n' CBRUN_STORE "$STORE" CBRUN_CONFIG "$CONFIG" FAKE_CLOCK "$CLOCK" TZ UTC
		crontab_line fine -- echo good
		crontab_line breaks -- "sh -c 'echo third; echo failure >&2; exit 7'"
		crontab_line dies -- "sh -c 'echo dying; kill -KILL \$\$'"
		crontab_line held -- echo held back
		crontab_line back -- echo good again
		crontab_line still -- "sh -c 'echo as ever; exit 3'"
		crontab_line wrong --ignore-on 2 -- "sh -c 'echo usage: wrong; exit 2'"
		crontab_line off -- "sh -c 'echo bad; exit 4'"
		crontab_line hangs -c 1 -- echo not yet
	} >crontab
	chmod 644 crontab
	run_cron
	local end=$((SECONDS + 170))
	until [ "$(sort -u ended 2>/dev/null | wc -l)" -eq 9 ]; do
		if gone "$CRON"; then
			finish "$CRON" 99 || fail "cron has ended: $(cat cron.err)"
			skip "needs to mount"
		fi
		((SECONDS < end)) || fail "cron did not run all jobs: $(cat ran ended)"
		sleep 0.2
	done
	eventually mailed 6
	kill -TERM "$CRON"
	open_gate
	wait
	cat mails/*
	assert_equal "$(sort -u ended | paste -sd ,)" "back 0,breaks 7,dies 137,fine 0,hangs 0,held 0,off 4,still 3,wrong 2"
	for name in fine dies held; do
		assert_equal "$name: $(mail_of $name)" "$name: "
	done
	expect 0 "~cbrun: breaks: broken: 3 failures since $MAILED, the last with exit 7; next try at $MAILED, or now: cbrun reset breaks
cbrun: breaks: the first failure, at $MAILED:
first failure
cbrun: breaks: the last failure, at $MAILED:
third
failure" "" mail_of breaks
	expect 0 "~cbrun: back: works again after 1d01h
good again" "" mail_of back
	expect 0 "~cbrun: still: still broken since $MAILED: 3 consecutive failures, the last with exit 3; 0 runs skipped, 1 more failed; next try at $MAILED, or now: cbrun reset still" "" mail_of still
	expect 0 "usage: wrong" "" mail_of wrong
	expect 0 "bad" "" mail_of off
	expect 0 "~cbrun: hangs: still running: pid $HUNG, for 1d01h; nothing was started since $MAILED; to end it: kill $HUNG" "" mail_of hangs
}

mailed() {
	[ "$(find mails -name '*[0-9]' | wc -l)" -ge "$1" ]
}
