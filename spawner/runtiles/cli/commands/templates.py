"""templates list, show, save, delete"""

from pathlib import Path

import typer

from runtiles.cli import settings, templates, yaml_text
from runtiles.cli.output import note, say
from runtiles.cli.prompts import confirmed

stored = typer.Typer(
    help="Requests kept for `start --template NAME`.",
    no_args_is_help=True,
)


@stored.command("list")
def list_() -> None:
    """List your templates."""
    found = templates.names()
    for name in found:
        say(name)
    if not found:
        note("There are no templates. Keep one: `runtiles templates save NAME FILE`.")


@stored.command()
def show(name: str = typer.Argument(...)) -> None:
    """Print a template."""
    say(yaml_text.dump(templates.load(name)).rstrip())


@stored.command()
def save(
    name: str = typer.Argument(...),
    file: Path = typer.Argument(..., help="A request: YAML or JSON."),
    replace: bool = typer.Option(False, "--replace", help="Also if there is one of this name."),
) -> None:
    """Keep a request under a name."""
    path = templates.save(name, yaml_text.read_mapping(file), replace=replace)
    note(f"Kept in {path}.")


@stored.command()
def delete(name: str = typer.Argument(...), yes: bool = settings.YES) -> None:
    """Delete a template."""
    found = templates.find(name).stem
    if confirmed(f"Delete the template {found}?", yes):
        note(f"The template {templates.delete(found)} is deleted.")


def register(app: typer.Typer) -> None:
    app.add_typer(stored, name="templates")
