#!/bin/sh
# A base image from Debian packages, for hosts where no image registry answers. Needs root and debootstrap.
# usage: debian.sh IMAGE   (SUITE, DEBIAN_MIRROR and CACHE from the environment)
set -eu

image=$1
suite=${SUITE:-bookworm}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
cache=${CACHE:-build/image}
archive=$cache/$suite.tar
packages=python3,python3-venv,git,ca-certificates

bootstrap() {
    root=$cache/$suite.root
    rm -rf "$root"
    mkdir -p "$cache"
    debootstrap --variant=minbase --include="$packages" "$suite" "$root" "$mirror"
    cat >"$root/etc/apt/sources.list" <<SOURCES
deb $mirror $suite main
deb $mirror $suite-updates main
deb $mirror-security $suite-security main
SOURCES
    tar -C "$root" -c --exclude='./var/cache/apt/archives/*.deb' --exclude='./var/lib/apt/lists/*' \
        -f "$archive.part" .
    rm -rf "$root"
    mv "$archive.part" "$archive"
}

[ -f "$archive" ] || bootstrap
docker import --change 'CMD ["bash"]' "$archive" "$image" >/dev/null
