# package.nix: cbrun from the tree that this file lies in.
{
  lib,
  stdenv,
  pkg-config,
  hiredis,
  inih,
  jansson,
  sqlite,
}:

stdenv.mkDerivation {
  pname = "cbrun";
  version = lib.head (builtins.match ".*\nVERSION := ([0-9.]+)\n.*" (builtins.readFile ../../Makefile));

  src = lib.cleanSource ../..;

  nativeBuildInputs = [ pkg-config ];
  buildInputs = [
    hiredis
    inih
    jansson
    sqlite
  ];

  enableParallelBuilding = true;
  makeFlags = [
    "prefix=${placeholder "out"}"
    "LINK=dynamic"
  ];

  postPatch = ''
    patchShebangs --build tests/tools
  '';

  # The unit tests. Those in bats look for programs where other systems have them, and find none here.
  doCheck = true;
  checkTarget = "test";
  checkFlags = [ "TEST_BATS=" ];

  doInstallCheck = true;
  installCheckPhase = ''
    runHook preInstallCheck
    $out/bin/cbrun --version
    CBRUN_STORE=$TMPDIR/store/cbrun.db $out/bin/cbrun --name once true
    runHook postInstallCheck
  '';

  meta = {
    description = "Circuit breaker for commands";
    license = lib.licenses.mit;
    platforms = lib.platforms.linux;
    mainProgram = "cbrun";
  };
}
