"""`python -m runtiles.cli`, where the script `runtiles` is not on the path."""

from . import program

program()
