"""config"""

from pathlib import Path
from typing import List, Optional

import typer

from runtiles.cli import complete, request, settings, starting, yaml_text
from runtiles.cli.commands.start import CONFIG, CONFIG_FILE, TEMPLATE
from runtiles.cli.errors import BadUsage
from runtiles.cli.output import say, show_json
from runtiles.cli.request import Given
from runtiles.cli.runtimes import find
from runtiles.cli.session import connect
from runtiles.cli.urls import path


def config(
    name: str = typer.Argument("", metavar="NAME", autocompletion=complete.runtimes),
    tile: str = typer.Option("", "--tile", autocompletion=complete.tiles),
    config_file: Optional[Path] = CONFIG_FILE,
    settings_: List[str] = CONFIG,
    template: str = TEMPLATE,
    user: str = settings.USER,
    as_json: bool = settings.JSON,
) -> None:
    """Show a merged configuration as YAML.

    Of a runtime, or of a request; starts nothing.
    """
    given = Given(template=template, config_file=config_file, config=settings_, tile=tile)
    options = request.build(given)
    if name and options:
        raise BadUsage("Name a runtime, or describe a request; not both.")
    with connect(user) as client:
        if name:
            found = client.get(path("runtimes", find(client, name)["name"], "config"))
        else:
            options, _again = starting.settle(client, options, tile)
            found = client.post("/runtimes/preview", options)
    if as_json:
        show_json(found)
    else:
        say(yaml_text.dump(found).rstrip())


def register(app: typer.Typer) -> None:
    app.command("config")(config)
