#!/bin/sh
# Creates .venv where it is missing and installs this checkout into it, editable.
# usage: venv.sh EXTRAS   (for example hub,server)
set -eu

extras=$1
python=${PYTHON:-python3}
tools=build/tools/virtualenv

say() { printf '%s\n' "runtiles: $*"; }

fail() {
    printf '%s\n' "runtiles: $*" >&2
    exit 1
}

check_version() {
    command -v "$python" >/dev/null || fail "no $python here. On Debian or Ubuntu: sudo apt-get install python3 python3-venv"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail \
        "$("$python" --version) is too old: Python 3.10 or later is needed. Name another one: make PYTHON=python3.11 ..."
}

# Debian splits the module that puts pip into a new environment off into python3-venv.
create() {
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv .venv
    elif "$python" -m pip --version >/dev/null 2>&1; then
        say "python3-venv is missing, taking virtualenv from the package index instead"
        "$python" -m pip install -q --target "$tools" virtualenv
        PYTHONPATH=$tools "$python" -m virtualenv -q .venv
    elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing python3-venv"
        sh scripts/apt.sh python3-venv
        "$python" -m venv .venv
    else
        fail "this Python cannot create an environment with pip. Install it: sudo apt-get install python3-venv"
    fi
}

check_version
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    say "creating .venv with $("$python" --version)"
    rm -rf .venv
    create
fi

say "installing .[$extras] into .venv (one to two minutes the first time)"
PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install -q -e ".[$extras]"
