#!/bin/sh
# All that can be checked without running the product. Every check runs, also when one fails.
set -u

PATH=$PWD/.venv/bin:$PATH
export PATH
status=0

check() {
    printf '%s\n' "runtiles: $*"
    "$@" || status=1
}

check ruff check .
check ruff format --check .
check sh scripts/types.sh
check lint-imports
exit $status
