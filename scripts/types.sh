#!/bin/sh
# mypy over everything that is ours.
set -eu

folders="spawner server_extension scripts tests"
[ -d benchmarks ] && folders="$folders benchmarks"
# shellcheck disable=SC2086  # a list of names
exec .venv/bin/mypy $folders jupyterhub_config.py
