"""Options that several commands take: said once, so that they read the same everywhere."""

from typing import Any

import typer

from . import complete

JSON: Any = typer.Option(False, "--json", help="As JSON, with everything that the service says.")
CSV: Any = typer.Option(False, "--csv", help="As CSV, with a line of names first.")
SORT: Any = typer.Option("", "--sort", metavar="KEY", help="Sort by this; -KEY: downwards.")
USER: Any = typer.Option("", "--user", "-u", metavar="USER", help="Whose; yours if left out.")
YES: Any = typer.Option(False, "--yes", "-y", help="Do not ask.")

RUNTIME: Any = typer.Argument(
    ...,
    metavar="NAME",
    help="A runtime, or any beginning of its name.",
    autocompletion=complete.runtimes,
)
RUNTIMES: Any = typer.Argument(
    ...,
    metavar="NAME...",
    help="Runtimes, or beginnings of names.",
    autocompletion=complete.runtimes,
)

KERNEL: Any = typer.Option(
    "",
    "--kernel",
    "-k",
    metavar="ID|NOTEBOOK",
    help="Which kernel; the only one.",
    autocompletion=complete.kernels,
)
SNAPSHOT: Any = typer.Argument(
    ...,
    metavar="SNAPSHOT",
    help="Its name, its id, or any beginning of its id.",
    autocompletion=complete.snapshots,
)
