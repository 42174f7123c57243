# fields.bats: {host} and {command} in a breaker's name.
load helper

# names: of all breakers.
names() {
	cbrun status --json | jq -r '.breakers[].name' | paste -sd ' '
}

@test "a field in the name is filled from the command's words" {
	expect 0 "https://me:pw@EXAMPLE.com:8443/x" "" cbrun -n 'web:{host}' -- echo https://me:pw@EXAMPLE.com:8443/x
	expect 0 "me@h:x" "" cbrun -n '{command}/{host}' -- /bin/echo me@h:x
	expect 0 "" "" cbrun --name='{command}' true
	expect 0 "" "" cbrun -n 'web:{host}' true
	assert_equal "$(names)" "echo/h true web:example.com web:none"
}

@test "the section of the name that comes out counts" {
	cat >"$CONFIG" <<-'END'
		[breaker web:*]
		failures = 2
		[breaker web:b]
		failures = 1
	END
	for url in http://a/ http://b/; do
		expect 1 "" "" cbrun -n 'web:{host}' -- sh -c 'exit 1' sh "$url"
	done
	assert_state web:a closed
	assert_state web:b open
}

@test "another field, and a brace that does not close, is a usage error that names the two" {
	expect 125 "" "cbrun: invalid --name 'x:{hots}': there is no such field; the fields are {host} and {command}" \
		cbrun -n 'x:{hots}' true
	expect 125 "" "cbrun: invalid --name 'x:{host': a '{' has no '}'; the fields are {host} and {command}" \
		cbrun -n 'x:{host' true
	expect 125 "" "~cbrun: invalid --name 'x}': expected 1 to 128 of the characters .*" cbrun -n 'x}' true
	expect 125 "" "~cbrun: invalid --name '-\{host\}': it becomes '-none', but a name is .*" cbrun -n '-{host}' true
	assert [ ! -e "$STORE" ]
}

@test "subcommands take plain names only" {
	for subcommand in check status history reset; do
		expect 125 "" "~cbrun: invalid name 'web:\{host\}': expected .*" cbrun $subcommand 'web:{host}'
	done
}

@test "a name with a field needs a command like any other" {
	expect 125 "" "cbrun: no command given; try 'cbrun --name web:none -- COMMAND'" cbrun -n 'web:{host}'
}

@test "an alias guards five hosts each on its own" {
	local port
	start httpd "$BATS_TEST_DIRNAME/../tools/httpd" "$DIR"
	eventually test -s httpd.out
	port=$(cat httpd.out)
	mkdir bin
	ln -s "$CBRUN" bin/cbrun
	cat >session <<-'END'
		shopt -s expand_aliases
		alias curl='cbrun -n curl:{host} -f 3 -o 1h -- curl'
		for round in 1 2 3 4; do
			for host in a b d e; do
				curl -fsS -u me:secret "http://$host.localhost:$1/" || exit 99
			done
			curl -fsS -H 'Accept: text/html' http://me@C.localhost:1/
			echo "c: $?"
		done
	END
	expect 0 "$(printf '%s\n' up up up up 'c: 7' up up up up 'c: 7' up up up up 'c: 7' up up up up 'c: 75')" "~.*
cbrun: curl:c.localhost: open \(3 consecutive failures\), retry in $HOUR" private env PATH="$DIR/bin:/usr/bin:/bin" bash session "$port"
	assert_equal "$(cbrun status --json | jq -rc '.breakers[] | [.name, .state, .totals.calls, .totals.rejected]' | paste -sd ' ')" \
		'["curl:a.localhost","closed",4,0] ["curl:b.localhost","closed",4,0] ["curl:c.localhost","open",3,1] ["curl:d.localhost","closed",4,0] ["curl:e.localhost","closed",4,0]'
	assert has_lines connections 16
}
