#!/bin/bash
# All of `make test`: lint, then the parts that the tests need, then the tests.
# As root on Debian the parts are installed; otherwise the tests name what they skip.
# In CI (CI=true) a skip for want of an engine, a browser, a registry or a database fails (tests/conftest.py).
set -euo pipefail

started=build/engine/started-by-test.pid

say() { printf '%s\n' "runtiles: $*"; }

# A developer keeps the engine; CI gets its machine back as it was.
stop_engine() {
    [[ -n "${CI:-}" && -f $started ]] || return 0
    say "stopping the engine that the tests started"
    kill "$(cat "$started")" 2>/dev/null || true
    rm -f "$started"
}

get_parts() {
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        say "not root on Debian: tests that miss an engine, Chromium, docker-registry or PostgreSQL are skipped"
        return
    fi
    say "installing what the tests use: chromium, docker-registry, apache2-utils, postgresql"
    sh scripts/apt.sh chromium docker-registry apache2-utils postgresql
    sh scripts/engine.sh --started "$started"
}

trap stop_engine EXIT
sh scripts/lint.sh
get_parts
if docker info >/dev/null 2>&1; then
    .venv/bin/python -m scripts.image --if-changed python
fi
say "running the tests"
# Two at a time, a file to each: most of the time is spent waiting for engines, Hubs and browsers.
# A folder of its own: in the shared one, pytest trips over the folders of other runs as it cleans up.
folder=$(mktemp -d /tmp/rt-tests-XXXXXX)
# What cannot be deleted (a mount that an engine left) is no reason to fail tests that passed.
trap 'stop_engine; rm -rf "$folder" || say "left $folder behind"' EXIT
.venv/bin/python -m pytest --basetemp "$folder/run" --numprocesses 2 --dist loadfile "$@"
