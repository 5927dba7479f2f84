"""`jupyter`, `jupyter-lab` ... inside a custom command: the runtime's server, or the real program."""

import os
import shutil
import sys
from typing import NoReturn, Optional, Sequence

from . import places, quick, runtime_state, shims
from .command import Serve, classify
from .report import Reporter
from .server import arguments_for, failed_to_import, run_server


def main(argv: Optional[Sequence[str]] = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    meaning = classify(words)
    if not isinstance(meaning, Serve):
        _run_real(words)
    return _serve(meaning)


def _serve(meaning: Serve) -> int:
    shims.disable(os.environ)
    os.environ.update(places.active_environment(os.environ))
    state = runtime_state.read()
    reporter = Reporter(sys.stdout)
    quick.hold_garbage()
    try:
        server = quick.import_server()
    except ImportError as error:
        reporter.failed("server", failed_to_import(error))
        return 1
    arguments = arguments_for(meaning, state, reporter)
    runtime_state.add_notices(state, reporter.notices)
    return run_server(server, arguments)


def _run_real(words: Sequence[str]) -> NoReturn:
    shims.disable(os.environ)
    program = shutil.which(words[0])
    if program is None:
        sys.exit(f"{words[0]}: not in this image")
    os.execv(program, [program, *words[1:]])  # noqa: S606 # an argv list, and the person's own words
