# page.bats: what `report` prints, in a browser.
load helper

setup_file() {
	local browser
	AXE=$(realpath "$BATS_TEST_DIRNAME/../../build/browser/node_modules/axe-core/axe.min.js") || AXE=
	LOOK=$(realpath "$BATS_TEST_DIRNAME/../browser/look.mjs")
	for browser in chromium chromium-headless-shell; do
		BROWSER=$(command -v $browser) && break
	done
	export AXE LOOK BROWSER
}

setup() {
	make_private
	[ -n "$BROWSER" ] || skip "needs Chromium"
	command -v node >/dev/null || skip "needs node"
	[ -e "$AXE" ] || skip "needs axe-core: make check installs it"
}

# in_browser PAGE: what look.mjs finds.
in_browser() {
	private BROWSER="$BROWSER" TMPDIR="$DIR" node "$LOOK" "$1" "$AXE"
}

@test "on a phone, a desk and paper, light and dark, nothing overflows or is asked for, and axe finds nothing" {
	"$BUILT/tests/bench/week" "$DIR/store/cbrun.db" 3 300 4
	cbrun trip -q --hold --reason "$(printf 'x%.0s' {1..200}) <b>" "$(printf 'n%.0s' {1..128})" 2>/dev/null
	cbrun disable -q --reason 'new release' deploy 2>/dev/null
	cbrun report >page.html
	expect 0 "" "" in_browser page.html
}

@test "what overflows, is asked for or cannot be read would be found" {
	cbrun -n api true
	cbrun report | sed 's/<meta http-equiv[^>]*>//; s/<h3>/<h3 style="width:200rem;color:#eee;background:#fff">/
		s|</h1>|<img src="http://127.0.0.1:9/x.png"/></h1>|' >page.html
	expect 1 "~.*phone-light: too wide: .*" "" in_browser page.html
	[[ $output == *"it asks for http://127.0.0.1:9/x.png"* ]]
	[[ $output == *"color-contrast"* ]]
	[[ $output == *"image-alt"* ]]
}
