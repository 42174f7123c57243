# tune.bats: cbrun tune: what other policies would have come to.
load helper

# The outcomes of a job that runs every five minutes and is down for two hours each day.
record_days() {
	local name=$1 days=$2 i
	for ((i = 0; i < days * 24; i++)); do
		advance 1h
		if [ $((i % 24)) -lt 4 ]; then
			cbrun record "$name" failure -f 1000 --failure-rate 0
		else
			cbrun record "$name" success -f 1000 --failure-rate 0
		fi
	done
}

@test "tune prints a short table, the cheapest policy first, and the lines to paste" {
	record_days backup 5
	run -0 cbrun tune backup
	assert_line --index 0 --regexp "^backup: 120 runs recorded since .*, of which 20 failed, under 1[0-9]{3} policies:$"
	assert_line --regexp "^ +COST +FAILED +AVOIDED +REJECTED +OPENED +OPEN +POLICY$"
	assert_line --regexp "^ +1 +[0-9]+ .* failure"
	assert_line --regexp "^ now +20 +20 +0 +0 +0 +0s  as it is$"
	assert_line "[breaker backup]"
	assert_line "Cost: 1 for each run that failed, 2 for each that was rejected and would have succeeded (REJECTED), 1 for each time that it opened."
	assert_line "The best of so many policies looks better on the runs that it was chosen by than it will on others."
	refute_output --partial "too few"
	assert [ "$(grep -c '^ *[0-9]  *[0-9]' <<<"$output")" -le 6 ]
	# pasted, they make the policy that was promised
	local promised want
	want=$(cbrun tune backup --json | jq -c '.breakers[0].best[0] | [.failures_run, .failures_avoided, .successes_rejected]')
	promised=$(cbrun tune backup --json | jq -c '.breakers[0].config | [.failures, .["failure-rate"], .["open-for"]]')
	sed -n '/^\[breaker/,/^$/p' <<<"$output" >"$CONFIG"
	mapfile -t options < <(sed -n 's/^\([a-z-]*\) = \(.*\)/--\1=\2/p' "$CONFIG")
	assert_equal "$(cbrun simulate --from backup "${options[@]}" | tail -n 1 | jq -c '[.failures_run, .failures_avoided, .successes_rejected]')" "$want"
	run -0 cbrun config backup --json
	assert_equal "$(jq -c '.settings | [.failures.value, .["failure-rate"].value, .["open-for"].value]' <<<"$output")" "$promised"
}

@test "tune says when there is too little to go by, and what nobody knows" {
	cbrun record api success
	cbrun record api failure -f 1
	advance 1s
	repeat 1 cbrun -q -n api -f 1 true
	run -0 cbrun tune api
	assert_line "1 call was rejected, and nobody knows how it would have ended: it is left out, so outages look shorter than they were."
	assert_line "2 runs with 1 failure are too few to choose by; some 100 runs with 10 failures would do."
	assert_equal "$(cbrun tune api --json | jq -c '[.schema, (.breakers[0] | .name, .runs, .failures, .rejected, .enough)]')" \
		'[1,"api",2,1,1,false]'
}

@test "tune supposes of calls that were rejected what the next trial call says, and tells how many" {
	local call
	for ((call = 0; call < 40; call++)); do
		advance 10m
		cbrun -q -n api -f 2 -o 55m --successes 1 -- sh -c "exit $((call >= 10 && call < 24))" || :
	done
	cbrun trip api --for 15m
	cbrun -q -n api -f 2 -o 55m --successes 1 true || :
	run -0 cbrun tune api
	assert_line --index 0 --regexp "^api: 25 runs recorded since .*, of which 4 failed, under .*"
	assert_line --regexp "^ now +9 +4 +13 +2 +1 +2h45m +as it is$"
	assert_line "16 calls were rejected, and nobody knows how they would have ended: 15 are played as the next trial call says: \
as failures if it failed, else the first half as failures; 1 is left out, so outages look shorter than they were."
	assert_equal "$(cbrun tune api --json | jq -c '.breakers[0] | [.rejected, .rejected_supposed]')" "[16,15]"
}

@test "tune changes nothing, and takes names, globs and --all" {
	for name in a1 a2 b1; do
		cbrun record "$name" success
	done
	cbrun trip fresh
	before=$(cbrun status --json)
	assert_equal "$(cbrun tune 'a*' b1 --json | jq -c '[.breakers[].name]')" '["b1","a1","a2"]'
	assert_equal "$(cbrun tune --all --json | jq '.breakers | length')" 4
	assert_equal "$(cbrun status --json | jq -c 'del(.breakers[].retry_after_seconds)')" \
		"$(jq -c 'del(.breakers[].retry_after_seconds)' <<<"$before")"
	expect 0 "fresh: no run is recorded, so there is nothing to go by." "" cbrun tune fresh
	expect 1 '{"schema":1,"breakers":[]}' "cbrun: no breaker named 'nosuch'" cbrun tune nosuch --json
	expect 125 "" "~cbrun: .*" cbrun tune
}

@test "tune gives the same answer for the same seed" {
	record_days job 2
	expect 0 "$(cbrun tune job --seed 5)" "" cbrun tune job --seed 5
}
