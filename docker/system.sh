#!/bin/sh
# First step of the recipe: what the base image lacks, the site's certificates, a user, compiled Python.
set -eu

here=$(dirname "$0")

install_missing() {
    missing=
    command -v git >/dev/null || missing="$missing git"
    command -v update-ca-certificates >/dev/null || missing="$missing ca-certificates"
    command -v python3 >/dev/null || missing="$missing python3"
    python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"
    [ -n "$missing" ] || return 0
    apt-get -qq update
    # shellcheck disable=SC2086  # a list of names
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >/dev/null
    rm -rf /var/lib/apt/lists/*
}

# Kept in the image: what the build needed the certificates for, its users need them for as well.
trust_site() {
    ls "$here"/*.crt >/dev/null 2>&1 || return 0
    cp "$here"/*.crt /usr/local/share/ca-certificates/
    # Quiet: it warns of every file with more than one certificate, and takes them all the same.
    update-ca-certificates >/dev/null 2>&1
}

# For runtimes that do not run as root. Group root, as any container user without an entry has.
add_user() {
    id runner >/dev/null 2>&1 || useradd --create-home --shell /bin/bash --uid 1000 --gid 0 runner
    chmod g=u /home/runner
}

# The official Python images come without .pyc files; each start would compile again what it imports.
compile_library() {
    python3 -m compileall -q -j 0 "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
        >/dev/null 2>&1 || true
}

install_missing
trust_site
add_user
compile_library
