#!/bin/sh
# Installs Debian packages that are missing, without asking and without starting their services
# where no service manager runs (containers, CI). usage: apt.sh PACKAGE...
set -eu

missing=
for package in "$@"; do
    dpkg -s "$package" 2>/dev/null | grep -q '^Status: .* installed$' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

# Run level 1 keeps invoke-rc.d from starting daemons by their old init scripts.
[ -d /run/systemd/system ] || export RUNLEVEL=1
export DEBIAN_FRONTEND=noninteractive
# Another apt run (a machine that has just booted) holds the lock for a while.
apt="apt-get -o DPkg::Lock::Timeout=300 -qq"
$apt update
# shellcheck disable=SC2086  # a list of names
$apt install -y --no-install-recommends $missing >/dev/null
