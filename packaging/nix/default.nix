# default.nix: `nix-build packaging/nix` builds ./result/bin/cbrun.
{
  pkgs ? import <nixpkgs> { },
}:

pkgs.callPackage ./package.nix { }
