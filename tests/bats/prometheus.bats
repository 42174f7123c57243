# prometheus.bats: what contrib/prometheus has: alerts and a dashboard, before the real Prometheus and node_exporter.
load helper

CONTRIB=$(realpath "$BATS_TEST_DIRNAME/../../contrib/prometheus")

needs() {
	local program
	for program; do
		command -v "$program" >/dev/null || skip "needs $program"
	done
}

@test "the alerts are rules, and fire and rest as their tests say" {
	needs promtool
	expect 0 "~.*SUCCESS: 6 rules found.*" "" promtool check rules "$CONTRIB/cbrun-alerts.yml"
	expect 0 "~.*SUCCESS.*" "" promtool test rules "$CONTRIB/cbrun-alerts.test.yml"
	# each alert has a test in which it fires
	assert_equal "$(sed -n 's/^ *- alert: //p' "$CONTRIB/cbrun-alerts.yml" | sort)" \
		"$(awk '/^ *alertname:/ { name = $NF } /exp_alerts: *$|exp_alerts: &/ { print name }' "$CONTRIB/cbrun-alerts.test.yml" | sort -u)"
}

# dashboard FILTER [OPTION...]: of the dashboard, by jq.
dashboard() {
	jq -r "${@:2}" "$1" "$CONTRIB/cbrun-dashboard.json"
}

# names_in: metrics of cbrun's in what stands on standard input.
names_in() {
	grep -oE '\bcbrun_[a-z_]+' | sed 's/_bucket$//' | LC_ALL=C sort -u
}

@test "alerts and dashboard know no metric that is not there" {
	for _ in 1 2 3 4 5 6; do
		cbrun -n api true
	done
	opened api
	known=$(cbrun metrics | sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' | LC_ALL=C sort)
	for used in "$(grep -v '^ *#' "$CONTRIB/cbrun-alerts.yml" | names_in)" "$(dashboard '[.. | .expr?, .definition?] | .[] | strings' | names_in)"; do
		assert [ "$(wc -l <<<"$used")" -ge 7 ]
		assert_equal "$(LC_ALL=C comm -13 <(echo "$known") <(echo "$used"))" ""
	done
}

@test "the dashboard's queries are PromQL" {
	needs promtool
	# a JSON text is YAML, too
	dashboard '{groups: [{name: "dashboard", rules: [.panels[] | .id as $id | .targets[] |
		{record: "panel:\($id)\(.refId)", expr: (.expr | gsub("\\$__rate_interval"; "5m"))}]}]}' >queries.yml
	expect 0 "~.*SUCCESS: 1[0-9] rules found.*" "" promtool check rules queries.yml
}

@test "the dashboard goes to whatever data source is picked, and its panels have a place each" {
	assert_equal "$(dashboard '[.. | .datasource? | objects | select(.type == "prometheus") | .uid] | unique[]')" '${datasource}'
	assert_equal "$(dashboard '.templating.list[] | .type + " " + .name')" "datasource datasource
query instance
query name"
	assert_equal "$(dashboard '.id, .uid, .title, (.schemaVersion | type), .schemaVersion >= 30, (.version | type)')" "null
cbrun
cbrun: circuit breakers
number
true
number"
	# no key twice, which a parser would pass over
	assert_equal "$(dashboard 'select(length == 2)[0] | tojson' --stream | sort | uniq -d)" ""
	# it is picked in the dashboard itself, so that Grafana need not ask for it, and one that is provisioned has it, too
	assert_equal "$(dashboard '.__inputs | tojson')" "[]"
	assert_equal "$(dashboard '[.panels[], .panels[].targets[], (.templating.list[] | select(.type == "query"))] |
		map(select(.datasource != {type: "prometheus", uid: "${datasource}"})) | length')" 0
	# no variable that is not there, and no query of a panel twice by one name
	assert_equal "$(dashboard '.panels[].targets[].expr, .templating.list[].query' | grep -oE '\$(\{[a-z]+\}|[a-z_]+)' | sort -u)" '$__rate_interval
$instance
$name'
	assert_equal "$(dashboard '.panels[] | select([.targets[].refId] | length != (unique | length)) | .title')" ""
	# no id twice, nothing beyond 24 columns, no panel over another, each with a query and a line that explains it
	assert_equal "$(dashboard '[.panels[].id] | length - (unique | length)')" 0
	assert_equal "$(dashboard '.panels[] | select(.gridPos.x + .gridPos.w > 24 or ([.gridPos | .x, .y, .w - 1, .h - 1] | min < 0) or
		(.title + .description | length == 0) or (.targets | length) == 0 or .description == "") | .title')" ""
	assert_equal "$(dashboard '[.panels[].gridPos | . as $g | range(.x; .x + .w) as $x | range(.y; .y + .h) as $y | [$x, $y]] |
		length - (unique | length)')" 0
	assert_equal "$(dashboard '([.panels[].type] | unique) - [.__requires[].id] | length')" 0
}

# --- the real thing ---

# serve NAME COMMAND...: starts a server; the port that it has taken is in $PORT.
serve() {
	start "$@"
	eventually grep -q 'Listening on' "$1.err"
	PORT=$(sed -n 's/.*Listening on.*address=127\.0\.0\.1:\([0-9]*\).*/\1/p' "$1.err")
}

# api PATH FILTER: what Prometheus answers, by jq.
api() {
	curl -sS "http://127.0.0.1:$PORT/api/v1/$1" | jq -r "$2"
}

# call: one call of the service, by the real clock, and what node_exporter reads afterwards.
call() {
	real -q -n shop -f 1 -o 50ms --successes 1 -- test -e service || :
	real metrics --textfile textfiles/cbrun.prom
}

# firing NAMES: exactly these alerts fire.
firing() {
	[ "$(api alerts '[.data.alerts[] | select(.state == "firing") | .labels | .alertname + " " + .name] | join(",")')" = "$1" ]
}

# repaired: once the service is back and called, no alert fires.
repaired() {
	call
	firing ""
}

@test "a service breaks, and the alert fires; it is back, and the alert is resolved" {
	needs prometheus prometheus-node-exporter curl
	ENVIRONMENT+=(GOMAXPROCS=1)
	mkdir textfiles
	touch service
	call
	serve exporter prometheus-node-exporter --web.listen-address=127.0.0.1:0 --collector.disable-defaults \
		--collector.textfile --collector.textfile.directory=textfiles --web.disable-exporter-metrics
	exporter=$PID
	cat >prometheus.yml <<-END
		global: {scrape_interval: 200ms, evaluation_interval: 200ms}
		rule_files: ["$CONTRIB/cbrun-alerts.yml"]
		scrape_configs: [{job_name: node, static_configs: [{targets: ["127.0.0.1:$PORT"]}]}]
	END
	serve prometheus prometheus --config.file=prometheus.yml --storage.tsdb.path=tsdb --web.listen-address=127.0.0.1:0
	seen() { [ "$(api "query?query=cbrun_state" '[.data.result[] | select(.value[1] == "1") | .metric.state] | join(",")')" = "$1" ]; }
	eventually seen closed
	assert firing ""

	rm service
	call
	eventually firing "CbrunBreakerOpened shop"
	assert_equal "$(api alerts '.data.alerts[0].annotations.summary' | sed 's/:[0-9]* /:PORT /')" \
		"The circuit breaker shop on 127.0.0.1:PORT is not closed"

	touch service
	eventually repaired
	eventually seen closed

	kill "$PID"
	finish "$PID" 0
	kill "$exporter"
	finish "$exporter" 143
}
