# report.bats: `report`: what breakers went through, as a page. page.bats opens it in a browser.
load helper

# page [ARG...]: makes page.html, which is XML as well, so that whatever is not closed or escaped shows.
page() {
	cbrun report "$@" >page.html
	xmllint --nonet --noout page.html
}

# found XPATH: what the page has there, as text.
found() {
	INSTEAD=yes private xmllint --nonet --xpath "$1" page.html
}

# sums [NAME]: the numbers of a breaker, or those of the summary, a line each.
sums() {
	local where='//dl[@class="sums"]/div'
	[ $# -eq 0 ] || where="//li[div/h3=\"$1\"]/dl/div"
	found "$where" | sed 's/<small>.*//; s/<[^>]*>/ /g; s/  */ /g; s/^ //; s/ $//'
}

# incidents: a line each.
incidents() {
	found '//tbody[../caption]/tr[td[@data-label]]' | tr -d '\n' | sed 's/<wbr\/>//g; s/<\/tr>/\n/g' |
		sed 's/<\/t[hd]>/|/g; s/<[^>]*>//g'
}

@test "the page is whole, and needs no request and no script" {
	cbrun -n api true
	page
	assert_equal "$(sed -n '1,2p;$p' page.html)" '<!DOCTYPE html>
<html lang="en">
</html>'
	assert_equal "$(grep -Eic 'https?:|<script|<img|<iframe|@import|url\(| on[a-z]+=' page.html)" 0
	# nor could it make one
	assert_equal "$(found 'string(//meta[@http-equiv="Content-Security-Policy"]/@content)')" \
		"default-src 'none'; style-src 'unsafe-inline'; img-src data:"
	assert_equal "$(found 'count(//*[@href][not(starts-with(@href, "#") or @href = "data:,")] | //@src)')" 0
	assert_equal "$(found 'count(//a[not(substring(@href, 2) = //@id)] | //*[@aria-labelledby][not(@aria-labelledby = //@id)])')" 0
}

@test "the numbers are those of status and history" {
	for i in 1 2 3; do
		cbrun -n api true
	done
	cbrun -q -n api --ignore-on 3 -- sh -c 'exit 3' || :
	cbrun -q -n api -t 10ms sleep 120 || :
	advance 1h
	opened api -f 2
	repeat 4 cbrun -q -n api -f 2 -o 1h true
	cbrun -n other true
	page
	cbrun status --json >status.json
	assert_equal "$(sums api | grep -v '^p95\|^Median\|^Longest\|^Down for')" "$(jq -r '.breakers[0].totals |
		"Calls \(.calls)\nFailed \(.failures)\nRejected \(.rejected)\nIncidents \(.transitions)\nIgnored \(.ignored)\nTimed out \(.timeouts)"' status.json)"
	assert_equal "$(sums | grep -v '^Time down')" "$(jq -r '[.breakers[].totals] |
		"Breakers \(length)\nDown now 1\nIncidents 1\nCalls \(map(.calls) | add)\nFailed \(map(.failures) | add)\nRejected \(map(.rejected) | add)"' status.json)"
	assert_equal "$(found 'sum(//table[@class="heat"]//td[@class])')" "$(cbrun history api --json | grep -c '"outcome":"\(failure\|timeout\)"')"
}

@test "an incident has its cause, its length, what it rejected and what ended it" {
	cbrun -q -n api -f 2 -o 1h -- sh -c 'exit 7' || :
	cbrun -q -n api -f 2 -o 1h -- sh -c 'exit 7' || :
	repeat 3 cbrun -q -n api -f 2 -o 1h true
	advance 1h
	advance 5m
	cbrun -n api -f 2 -o 1h --successes 1 true
	advance 1m
	cbrun trip -q --for 1d --reason 'new switch' db
	advance 2h
	page
	user=$(id -un)
	assert_equal "$(incidents | sed 's/[A-Z][a-z][a-z] [0-9-]* [0-9:]*|/WHEN|/; s/|1h0[5-6]m/|1h05m/')" \
		"db|WHEN|2h|0|tripped for 1d by $user: new switch|still going on|
api|WHEN|1h05m|3|2 consecutive failures, exit 7|1 successful trial call|"
	assert_equal "$(found '//p[.="1 of 2 is down."]')" "<p>1 of 2 is down.</p>"
	# the worst comes first
	assert_equal "$(found '//h3')" "<h3>db</h3>
<h3>api</h3>"
}

@test "a state that nobody has noted yet is shown from its deadline on" {
	cbrun -n api true
	opened api # for an hour
	advance 237m # of bins of six minutes, so that it began in the middle of one
	page --since 6h
	open='M200 7h110M310 7h290'
	assert_equal "$(found 'concat(//li/@class, //li[@id]//path[@class="so"]/@d, //li[@id]//path[@class="sh"]/@d)')" "sh$open"
	cbrun reset -q api
	page --since 6h # now an event tells it
	assert_equal "$(found 'concat(//li/@class, //li[@id]//path[@class="so"]/@d, //li[@id]//path[@class="sh"]/@d)')" "sc$open"
}

@test "--since leaves out what was before, and keeps the end of an incident that reaches into it" {
	cbrun -n api true
	opened api # for an hour
	advance 2h
	cbrun -n api -f 1 -o 1h --successes 1 true
	advance 90m
	page --since 1h
	assert_equal "$(sums | tr '\n' ,)" "Breakers 1,Down now 0,Incidents 0,Calls 0,Failed 0,Rejected 0,Time down 0s,"
	page --since 2h
	assert_equal "$(sums | tr '\n' , | sed 's/29m[0-9]*s/30m/')" "Breakers 1,Down now 0,Incidents 1,Calls 1,Failed 0,Rejected 0,Time down 30m,"
	advance 8d
	page
	assert_equal "$(sums api | tr '\n' ,)" "Calls 0,Failed 0,Rejected 0,Incidents 0,Down for 0s,"
	page --since 30d
	assert_equal "$(sums | sed -n 4p)" "Calls 3"
	expect 125 "" "cbrun: --since: that is in the future" cbrun report --since 2100-01-01
}

@test "the hours are those of the local zone, which is said" {
	cbrun -q -n api false || :
	ENVIRONMENT+=(TZ=XXX-5:45)
	page
	hour=$(private date -d "@$(($(date +%s) + 0))" +%a\ %H)
	assert_equal "$(found 'string(//table[@class="heat"]//tr[td = "1"]/th)') $(found 'concat(0, count(//table//td[. = "1"]/preceding-sibling::td))' | tail -c 3)" \
		"${hour% *} $(printf %02d "$((10#${hour#* }))" | tail -c 2)"
	assert_equal "$(grep -c 'local time (.*UTC+05:45)' page.html)" 2
}

@test "what comes from outside is escaped" {
	cbrun trip -q --hold --reason '</p><script>alert(1)</script> & "x'\'$'\e[31m\x9b\xe2\x80\xae' 'a:b/c@d' 2>/dev/null
	page
	assert_equal "$(grep -ci '<script' page.html)" 0
	assert_equal "$(found '//li[@id]/div/p[2]')" \
		"<p class=\"soft\">held by $(id -un): &lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; \"x'\\e[31m\\x9b\\xe2\\x80\\xae</p>"
	assert_equal "$(LC_ALL=C grep -c $'[\x01-\x08\x0b-\x1f\x7f\x9b]\|\xe2\x80\xae' page.html)" 0
	assert_equal "$(found 'string(//h3)')" "a:b/c@d"
}

@test "without a store there are no breakers, and none is made" {
	page
	assert_equal "$(found 'string(//main//p)') $(found 'count(//table | //svg)')" "There are no breakers. 0"
	assert [ ! -e "$STORE" ]
}

@test "names and globs pick breakers, what they name in vain is told, and nothing is changed" {
	for name in api:1 api:2 db; do
		cbrun -n $name true
	done
	before=$(fingerprint store)
	page 'api*'
	assert_equal "$(found '//h3' | tr -d '\n')" "<h3>api:<wbr/>1</h3><h3>api:<wbr/>2</h3>"
	expect 1 "~<!DOCTYPE html>.*<h3>db</h3>.*</html>" "cbrun: no breaker named 'x'
cbrun: no breaker's name matches 'y*'" cbrun report x db 'y*'
	expect 125 "" "cbrun: --all and names exclude each other" cbrun report --all db
	assert_equal "$(fingerprint store)" "$before"
}

@test "a terminal is no browser" {
	expect 125 "~cbrun: the page is for a browser: cbrun report >page.html.?" "" \
		private script -qec "$CBRUN report" /dev/null </dev/null
}

@test "what cannot be printed is a failure" {
	expect 125 "" "cbrun: cannot write to standard output" private sh -c '"$1" report >/dev/full' sh "$CBRUN"
}
