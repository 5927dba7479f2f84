"""`runtiles exec FILE`: a script or a notebook, run in a runtime, its output shown as it comes."""

import re
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional

import typer

from runtiles.cli import notebook, session
from runtiles.cli.errors import INTERRUPTED, BadUsage, CliError
from runtiles.cli.notebook import Cell, Outputs, Program

if TYPE_CHECKING:
    from runtiles.cli.kernel import JupyterServer, Kernel, Message, Result

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
#: What ipykernel raises for input() when nobody can answer.
_NO_STDIN = "StdinNotImplementedError"


class CellFailed(CliError):
    code = "cell_failed"


class Interrupted(CliError):
    code = "interrupted"
    exit_code = INTERRUPTED


def execute(
    file: str = typer.Argument(..., metavar="FILE", help="FILE.py, FILE.ipynb, or - for a script."),
    runtime: str = typer.Option(
        "", "--runtime", "-r", metavar="NAME", help="Which runtime; the only one running."
    ),
    kernel: str = typer.Option(
        "", "--kernel", metavar="ID", help="Id of a running kernel to use, and keep."
    ),
    kernel_name: str = typer.Option(
        "", "--kernel-name", metavar="NAME", help="Kernelspec of the new kernel."
    ),
    save: bool = typer.Option(False, "--save", help="Write the outputs back into the notebook."),
    keep: bool = typer.Option(False, "--keep", help="Leave the kernel running, and print its id."),
    keep_going: bool = typer.Option(
        False, "--keep-going", help="Run the cells after one that failed, too."
    ),
) -> None:
    """Run a script or a notebook in a runtime and show its output.

    Ends with an error when a cell fails. Ctrl-C interrupts the kernel; a second one stops waiting.
    """
    from runtiles.cli import addresses  # noqa: PLC0415 - see session.connect
    from runtiles.cli.kernel import JupyterServer  # noqa: PLC0415

    program = notebook.load(file)
    if save and program.data is None:
        raise BadUsage("Only a notebook can keep its outputs: leave --save out.")
    with session.connect() as client:
        name = addresses.choose_runtime(client, runtime)
        with addresses.opened(client, name) as address:
            server = JupyterServer(address)
            try:
                with _kernel(server, program, kernel, kernel_name, keep=keep) as connection:
                    _run(program, connection, save=save, keep_going=keep_going)
            finally:
                server.close()


@contextmanager
def _kernel(
    server: "JupyterServer", program: Program, given: str, spec: str, *, keep: bool
) -> Iterator["Kernel"]:
    """A connection to the given kernel, or to a new one that ends with the block."""
    from runtiles.cli.kernel import Kernel  # noqa: PLC0415 - see session.connect

    kernel_id = given or server.start(spec or _known(server, program.kernel))
    try:
        connection = Kernel(server, kernel_id)
        try:
            yield connection
        finally:
            connection.close()
    finally:
        if keep and not given:
            _say(f"The kernel is kept: {kernel_id}")
        elif not given:
            with suppress(CliError):
                server.remove(kernel_id)


def _known(server: "JupyterServer", wanted: str) -> str:
    """The notebook's own kernelspec if the runtime has it; the default one otherwise."""
    if not wanted or wanted in server.kernelspecs()["kernelspecs"]:
        return wanted
    _say(
        f"The runtime has no kernel {wanted!r}, which the notebook names: the default one is used."
    )
    return ""


def _run(program: Program, kernel: "Kernel", *, save: bool, keep_going: bool) -> None:
    """Cell by cell. Raises CellFailed for the first that failed, Interrupted after Ctrl-C."""
    first: Optional[CellFailed] = None
    if save:
        program.forget_outputs()
    try:
        with _interrupting(kernel) as interrupts:
            for cell in program.cells:
                _title(program, cell)
                result = _run_cell(cell, kernel)
                if interrupts:
                    raise Interrupted("The kernel was interrupted.")
                if result.error is not None and not cell.may_fail:
                    first = first or _failure(program, cell, result)
                    if not keep_going:
                        break
    except KeyboardInterrupt:
        raise Interrupted("Not waiting any longer.") from None
    finally:
        if save:
            program.save()
    if first is not None:
        raise first


def _run_cell(cell: Cell, kernel: "Kernel") -> "Result":
    outputs = Outputs()

    def take(message: "Message") -> None:
        kind, content = message["header"]["msg_type"], message["content"]
        outputs.take(kind, content)
        _show(kind, content)

    count = None
    try:
        result = kernel.execute(cell.source, take)
        count = result.count
    finally:
        cell.record(count, outputs.kept)
    return result


@contextmanager
def _interrupting(kernel: "Kernel") -> Iterator[Dict[int, int]]:
    """Ctrl-C goes to the kernel, once; the next one, or SIGTERM, raises KeyboardInterrupt here.

    Yields what has come: empty as long as nothing has.
    """
    seen: Dict[int, int] = {}

    def on_signal(number: int, _frame: Any) -> None:
        seen[number] = seen.get(number, 0) + 1
        if number == signal.SIGTERM or seen[number] > 1:
            raise KeyboardInterrupt
        _say("Interrupting the kernel; Ctrl-C again stops waiting for it.")
        kernel.interrupt()

    before = {each: signal.signal(each, on_signal) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield seen
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _failure(program: Program, cell: Cell, result: "Result") -> CellFailed:
    error = result.error or {}
    hint = ""
    if error.get("ename") == _NO_STDIN:
        hint = "Nobody can answer input() here: read from a file or the environment instead."
    what = ": ".join(_plain(str(error.get(key) or "")) for key in ("ename", "evalue")).rstrip(": ")
    return CellFailed(f"{program.describe(cell)} failed: {what}", hint=hint)


def _show(kind: str, content: Dict[str, Any]) -> None:
    if kind == "stream":
        _write(sys.stderr if content["name"] == "stderr" else sys.stdout, content["text"])
    elif kind in ("display_data", "execute_result"):
        _write(sys.stdout, _text(content.get("data") or {}) + "\n")
    elif kind == "error":
        text = "\n".join(content.get("traceback") or [f"{content['ename']}: {content['evalue']}"])
        _write(sys.stderr, text + "\n")


def _text(data: Dict[str, Any]) -> str:
    text = data.get("text/plain")
    if text is None:
        return f"<{', '.join(sorted(data))}>"
    return text if isinstance(text, str) else "".join(text)


def _title(program: Program, cell: Cell) -> None:
    """For a person who watches; a pipe gets the output alone."""
    if program.data is not None and sys.stderr.isatty():
        _say(f"-- cell {cell.number} of {program.total} --")


def _write(stream: Any, text: str) -> None:
    stream.write(text if stream.isatty() else _plain(text))
    stream.flush()


def _plain(text: str) -> str:
    return _COLOUR.sub("", text)


def _say(text: str) -> None:
    typer.echo(text, err=True)
