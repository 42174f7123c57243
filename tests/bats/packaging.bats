# packaging.bats: what packagers rely on: one version, recipes that name what is there, and a tarball that does not depend on
# who packs it, where and when. What needs to build is in `make distcheck` and `make deb`.
load helper

ROOT=$(realpath "$BATS_TEST_DIRNAME/../..")

# version_in TREE: as its Makefile has it
version_in() {
	sed -n 's/^VERSION := //p' "$1/Makefile"
}

# versions_in TREE: as the recipes have it; Nix takes it from the Makefile.
versions_in() {
	sed -n '1s/^cbrun (\(.*\)-[0-9]*) .*/\1/p' "$1/packaging/debian/changelog"
	sed -n 's/^pkgver=//p' "$1/packaging/alpine/APKBUILD"
}

# copy_sources DIRECTORY: the tree without git and without what was built
copy_sources() {
	[[ $DIR != "$ROOT"/* ]] || skip "the tests run within the tree"
	mkdir "$1"
	tar -c -C "$ROOT" --exclude=./build --exclude=./cbrun --exclude=./.git --exclude=./debian --exclude=./.pc . | tar -x -C "$1"
}

# pack TREE DIRECTORY [VARIABLE=VALUE...]
pack() {
	(cd "$1" && private env "${@:3}" tests/tools/dist 1.2.3 "$2") >/dev/null
}

@test "each recipe has the Makefile's version" {
	version=$(version_in "$ROOT")
	assert [ -n "$version" ]
	assert_equal "$(versions_in "$ROOT")" "$version
$version"
}

@test "set-version writes another one wherever it stands" {
	copy_sources tree
	tree/packaging/set-version 9.8.7
	assert_equal "$(version_in tree) $(versions_in tree | paste -sd ' ')" "9.8.7 9.8.7 9.8.7"
}

@test "each recipe has each library that the program is linked with" {
	for library in $(sed -n 's/^LIBRARIES *:= //p' "$ROOT/Makefile") hiredis; do
		name=lib${library#lib}-dev
		grep -qE "^(Build-Depends:)? +$name,\$" "$ROOT/packaging/debian/control" || fail "debian/control does not name $name"
		name=${library%3}-dev
		grep -qE "^makedepends=\".*\<$name\>" "$ROOT/packaging/alpine/APKBUILD" || fail "APKBUILD does not name $name"
		grep -qxE " +${library%3}" "$ROOT/packaging/nix/package.nix" || fail "package.nix does not name ${library%3}"
	done
}

@test "the recipes are well-formed" {
	for file in alpine/APKBUILD debian/postrm debian/tests/story build-deb deb-story deb-life set-version; do
		expect 0 "" "" sh -n "$ROOT/packaging/$file"
	done
	if command -v nix-instantiate >/dev/null; then
		for file in default package; do
			NIX_STATE_DIR=$DIR/nix nix-instantiate --store dummy:// --parse "$ROOT/packaging/nix/$file.nix" >/dev/null
		done
	fi
	command -v shellcheck >/dev/null || skip "needs shellcheck"
	expect 0 "" "" shellcheck "$ROOT"/packaging/{build-deb,deb-story,deb-life,set-version,debian/postrm,debian/tests/story}
	# abuild reads the variables, and runs the functions
	expect 0 "" "" shellcheck -s sh -e SC2034,SC2154 "$ROOT/packaging/alpine/APKBUILD"
}

@test "the sources are packed to the same bytes, wherever, whenever and by whom it is done" {
	copy_sources first
	pack first "$DIR"
	mkdir elsewhere
	tar -xzf cbrun-1.2.3.tar.gz -C elsewhere
	mv elsewhere/cbrun-1.2.3 "elsewhere/another name"
	chmod -R go-rwx elsewhere
	find elsewhere -type f ! -name CHANGELOG.md -exec touch -d 2001-02-03 {} +
	mkdir "elsewhere/another name/build" "elsewhere/another name/debian"
	echo built | tee "elsewhere/another name/cbrun" "elsewhere/another name/build/cbrun" >"elsewhere/another name/debian/rules"
	(umask 077 && pack "elsewhere/another name" "$DIR/second" TZ=Asia/Tokyo)
	cmp cbrun-1.2.3.tar.gz second/cbrun-1.2.3.tar.gz
	echo "/* another */" >>"elsewhere/another name/cbrun.c"
	pack "elsewhere/another name" "$DIR/third"
	expect 1 "~.*differ.*" "" cmp cbrun-1.2.3.tar.gz third/cbrun-1.2.3.tar.gz
}

@test "what is packed is what is committed, to the same bytes as from what was unpacked" {
	private git -C "$ROOT" rev-parse HEAD >/dev/null 2>&1 && [ -e "$ROOT/.git" ] || skip "needs a clone"
	run pack "$ROOT" "$DIR"
	tar -xzf cbrun-1.2.3.tar.gz
	assert [ -x cbrun-1.2.3/tests/tools/dist ]
	refute [ -e cbrun-1.2.3/build ]
	pack cbrun-1.2.3 "$DIR/second"
	cmp cbrun-1.2.3.tar.gz second/cbrun-1.2.3.tar.gz
}

@test "SOURCE_DATE_EPOCH is the time of all that is packed" {
	copy_sources tree
	pack tree "$DIR" SOURCE_DATE_EPOCH=86400
	assert_equal "$(TZ=UTC tar -tvzf cbrun-1.2.3.tar.gz | awk '{ print $2, $4, $5 }' | sort -u)" "0/0 1970-01-02 00:00"
}
