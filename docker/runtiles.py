#!/opt/runtiles/bin/python -IS
"""The command line, on packages of its own: neither the current folder nor what a person installed for
their notebooks has a say in it."""

import sys

sys.path.insert(0, "/opt/runtiles/cli")
from runtiles.cli.main import main

sys.exit(main())
