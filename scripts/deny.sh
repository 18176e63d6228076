#!/usr/bin/env bash
# Checks the dependencies with cargo-deny: licences, bans and sources always, advisories where their database can be had.
# A cargo-deny that is installed is used; else one is built into .tools, once.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.18
if ! cargo deny --version >/dev/null 2>&1; then
    export PATH="$PWD/.tools/bin:$PATH"
    cargo deny --version >/dev/null 2>&1 || cargo install --locked --quiet --root .tools cargo-deny --version "^$version"
fi
cargo deny --locked check --hide-inclusion-graph licenses bans sources
if timeout 120 cargo deny --locked fetch db >/dev/null 2>&1; then
    cargo deny --locked check --hide-inclusion-graph --disable-fetch advisories
else
    echo 'deny: the database of advisories cannot be reached from here; advisories were NOT checked' >&2
fi
