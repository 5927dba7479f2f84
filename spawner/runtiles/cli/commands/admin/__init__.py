"""admin: everybody's runtimes and what they run on, for those who manage a site"""

import typer

from . import drain, images, reports, runtimes

app = typer.Typer(
    help="Everybody's runtimes and what they run on. For those who manage the site.",
    no_args_is_help=True,
)
for family in (runtimes, drain, images, reports):
    family.register(app)
