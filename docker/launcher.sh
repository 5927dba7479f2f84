#!/bin/sh
# Last step of the recipe: this checkout, into the server's environment and beside the command line's packages.
set -eu

here=$(dirname "$0")
pip="/opt/runtiles/bin/pip install -q --no-index --no-deps"

$pip /tmp/wheel/*.whl
rm -rf /opt/runtiles/cli/bin
$pip --target /opt/runtiles/cli /tmp/wheel/*.whl
# In the place of the script that pip made, which would look for its packages among the notebooks' ones.
install -m 755 "$here/runtiles.py" /opt/runtiles/bin/runtiles
# A login shell, as a terminal's is, forgets the PATH that it was given.
ln -sf /opt/runtiles/bin/runtiles /usr/local/bin/runtiles
chmod -R g=u /opt/runtiles/cli
