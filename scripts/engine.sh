#!/bin/sh
# Makes sure that a Docker engine answers: installs and starts one on Debian or Ubuntu, as root.
# A running engine is left alone. With --started FILE, FILE gets the process id of an engine that
# this script started itself (no service manager), and stays away otherwise.
set -eu

# The engine that the spawner talks to, whatever context the user of docker has chosen.
export DOCKER_HOST="${DOCKER_HOST:-unix:///var/run/docker.sock}"
started=${2:-build/engine/dockerd.pid}
log=$PWD/build/engine/dockerd.log
patience=60

say() { printf '%s\n' "runtiles: $*"; }

fail() {
    printf '%s\n' "runtiles: $*" >&2
    exit 1
}

answers() { command -v docker >/dev/null && docker info >/dev/null 2>&1; }

version() { docker version --format '{{.Server.Version}}'; }

need_root() {
    [ "$(id -u)" = 0 ] && return
    if command -v docker >/dev/null && [ -S /var/run/docker.sock ] && ! [ -w /var/run/docker.sock ]; then
        fail "an engine is here, but this user may not use it: sudo usermod -aG docker $(id -un), then log in again"
    fi
    fail "an engine needs root: sudo make engine"
}

install() {
    command -v docker >/dev/null && command -v dockerd >/dev/null && command -v iptables >/dev/null && return
    command -v apt-get >/dev/null || fail "no apt-get here. Install Docker as its documentation says, then come back"
    say "installing docker.io and iptables"
    sh scripts/apt.sh docker.io iptables
}

# A process id file that outlived its engine stops the next one when the number is in use again.
forget_dead_engine() {
    for file in /var/run/docker.pid /var/run/docker/containerd/containerd.pid; do
        [ -f "$file" ] || continue
        grep -qsE '^(dockerd|containerd)$' "/proc/$(cat "$file")/comm" || rm -f "$file"
    done
}

start() {
    if [ -d /run/systemd/system ]; then
        systemctl start docker
        return
    fi
    forget_dead_engine
    mkdir -p "$(dirname "$log")" "$(dirname "$started")"
    # Under sudo: what comes to lie in build/ belongs to the person, who goes on without sudo.
    [ -z "${SUDO_UID:-}" ] || chown "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" build build/engine
    setsid nohup dockerd >"$log" 2>&1 </dev/null &
    echo $! >"$started"
}

await() {
    waited=0
    until answers; do
        if [ -f "$started" ] && ! kill -0 "$(cat "$started")" 2>/dev/null; then
            rm -f "$started"
            grep -v level=info "$log" | tail -n 5 >&2
            fail "the engine ended at once; its log is $log"
        fi
        [ "$waited" -lt "$patience" ] || fail "the engine did not answer within $patience seconds; its log is $log"
        sleep 1
        waited=$((waited + 1))
    done
}

if answers; then
    say "Docker engine $(version) is running"
    exit 0
fi
need_root
install
rm -f "$started"
say "starting the engine"
start
await
say "Docker engine $(version) is running"
if [ -n "${SUDO_USER:-}" ] && ! id -nG "$SUDO_USER" | grep -qw docker; then
    say "to use it without sudo: sudo usermod -aG docker $SUDO_USER, then log in again"
fi
