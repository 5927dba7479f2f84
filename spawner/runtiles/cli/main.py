"""`runtiles`: the commands, and how each of them ends.

0: done. 1: it failed. 2: the command line, or what it asked for, is wrong. 130: interrupted.
"""

import os
import sys
from typing import NoReturn

import typer

from runtiles import __version__

from . import session
from .commands import (
    actions,
    admin,
    catalogue,
    completion,
    config,
    execute,
    kernels,
    login,
    logs,
    notices,
    pause,
    runtimes,
    secrets,
    snapshots,
    start,
    templates,
    transfer,
    url,
)
from .errors import FAILED, INTERRUPTED, ApiError, CliError
from .output import note
from .terminal import clean

#: Shows where an unforeseen error comes from.
ENV_DEBUG = "RUNTILES_DEBUG"

app = typer.Typer(
    name="runtiles",
    help="Notebooks on GPUs, made from tiles: start them, watch them, put them away.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    suggest_commands=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for family in (
    start,
    runtimes,
    pause,
    actions,
    kernels,
    transfer,
    logs,
    catalogue,
    config,
    templates,
    secrets,
    snapshots,
    notices,
):
    family.register(app)
app.command("exec")(execute.execute)
app.command("url")(url.url)
login.register(app)
completion.register(app)
app.add_typer(admin.app, name="admin")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"runtiles {__version__}")
        raise typer.Exit


@app.callback()
def _everywhere(
    site: str = typer.Option(
        "", "--site", help="Which site, of those that `runtiles login` knows."
    ),
    _show_version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    session.choose(site)


def main() -> NoReturn:
    """The program. Foreseeable trouble is a sentence and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that cannot show a character gets a question mark instead of an error.
            stream.reconfigure(errors="replace")
    sys.exit(_run())


def _run() -> int:
    try:
        app(prog_name="runtiles")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED
    except CliError as error:
        _tell(error)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has enough of it; what is left must not be written at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        if os.environ.get(ENV_DEBUG):
            raise
        note(f"Error: unforeseen trouble: {type(error).__name__}: {clean(str(error))}")
        note(f"Hint: {ENV_DEBUG}=1 shows where; please report it.")
        return FAILED
    return 0


def _tell(error: CliError) -> None:
    fields = error.fields if isinstance(error, ApiError) else {}
    if len(fields) > 1:
        note("Error: this is not right:")
        for field, text in fields.items():
            note(f"  {clean(field)}: {clean(text)}")
    else:
        note(f"Error: {clean(error.message)}")
    if error.hint:
        note(f"Hint: {clean(error.hint)}")
