"""The command line, `runtiles`. Python 3.8 and later, with the extra `[cli]` alone: it is installed in
every runtime, beside whatever an image brings. Of ours it knows the contract and nothing else.
"""

import sys
from typing import NoReturn


def program() -> NoReturn:
    """The script `runtiles`. Where the extra is missing it says so, instead of a traceback."""
    try:
        from .main import main  # noqa: PLC0415 - it imports what the extra brings
    except ModuleNotFoundError as missing:
        sys.exit(f"Error: {missing}.\nHint: Install the command line: pip install 'runtiles[cli]'.")
    main()
