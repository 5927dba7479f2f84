"""start"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, List, Optional

import typer

from runtiles.cli import (
    complete,
    context,
    launching,
    request,
    settings,
    starting,
    values,
    yaml_text,
)
from runtiles.cli.context import Packing
from runtiles.cli.errors import BadUsage
from runtiles.cli.output import note, say
from runtiles.cli.request import Given, Options
from runtiles.cli.session import connect

if TYPE_CHECKING:
    from runtiles.cli.client import Client

CONFIG_FILE: Any = typer.Option(
    None, "--config-file", "-c", metavar="FILE", help="A request: YAML or JSON."
)
CONFIG: Any = typer.Option(
    [], "--config", metavar="KEY=VALUE", help="As machine=gpu-1 or idle.timeout=2h. Repeatable."
)
TEMPLATE: Any = typer.Option("", "--template", metavar="NAME|FILE", help="A request kept before.")
_MACHINE: Any = typer.Option(
    "",
    "--machine",
    "-m",
    metavar="MACHINE",
    help="What it runs on: see `runtiles machines`.",
    autocompletion=complete.machines,
)
_CONTEXT: Any = typer.Option(
    [], "--context", metavar="DIR", help="A folder of yours as the workspace."
)
_INCLUDE: Any = typer.Option(
    [], "--include", metavar="PATH", help="Upload also this file or folder. Repeatable."
)


def start(
    tile: str = typer.Argument(
        "",
        metavar="TILE",
        help="See `runtiles tiles`; or a runtime of yours that is stopped.",
        autocompletion=complete.tiles,
    ),
    name: str = typer.Option(
        "", "--name", "-n", metavar="NAME", help="Of the runtime; the tile's if left out."
    ),
    machine: str = _MACHINE,
    image: str = typer.Option(
        "", "--image", metavar="IMAGE", help="Another image than the tile's."
    ),
    command: str = typer.Option(
        "", "--command", metavar="COMMAND", help="Another command than the tile's."
    ),
    env: List[str] = typer.Option(
        [], "--env", "-e", metavar="K=V", help="A variable. K alone: its value here. Repeatable."
    ),
    volume: List[str] = typer.Option(
        [], "--volume", "-v", metavar="VOLUME:/PATH[:ro]", help="A volume to mount. Repeatable."
    ),
    time_limit: str = typer.Option(
        "", "--time-limit", metavar="DURATION", help="When it ends: 30m, 4h."
    ),
    idle_timeout: str = typer.Option(
        "", "--idle-timeout", metavar="DURATION", help="How long it may lie idle."
    ),
    description: str = typer.Option(
        "", "--description", metavar="TEXT", help="A sentence about it, for you."
    ),
    workspace: str = typer.Option("", "--workspace", metavar="URL", help="A git repository."),
    ref: str = typer.Option("", "--ref", metavar="REF", help="Its branch, tag or commit."),
    folder: List[Path] = _CONTEXT,
    include: List[Path] = _INCLUDE,
    context_limit: str = typer.Option(
        "1g", "--context-limit", metavar="SIZE", help="How much may be uploaded."
    ),
    config_file: Optional[Path] = CONFIG_FILE,
    config: List[str] = CONFIG,
    template: str = TEMPLATE,
    preview: bool = typer.Option(False, "--preview", help="Show what it would be; start nothing."),
    detach: bool = typer.Option(False, "--detach", "-d", help="Print the name; do not wait."),
    no_browser: bool = typer.Option(False, "--no-browser", help="Print the address; open nothing."),
    user: str = settings.USER,
) -> None:
    """Start a tile, or one of your runtimes again.

    A stopped runtime is started by its name: as it was, but for what you say.

    Template, file, --config and the other options are merged; the later one wins.
    """
    given = Given(
        template=template,
        config_file=config_file,
        config=config,
        tile=tile,
        name=name,
        machine=machine,
        image=image,
        command=command,
        environment=env,
        volumes=volume,
        time_limit=time_limit,
        idle_timeout=idle_timeout,
        description=description,
        workspace=workspace,
        ref=ref,
    )
    options = request.build(given)
    packing = _packing(folder, include, context_limit)
    with connect(user) as client:
        options, again = starting.settle(client, options, tile)
        if preview:
            _preview(client, options, again, packing)
            return
        started = _start(client, options, again, packing)
        if detach:
            say(started)
            note(launching.how_to_follow(started))
        else:
            launching.finish(client, started, browser=not no_browser)


def _packing(folder: List[Path], include: List[Path], limit: str) -> Optional[Packing]:
    if len(folder) > 1:
        raise BadUsage("There is one --context; add more files with --include.")
    if not folder and not include:
        return None
    return context.survey(folder, include, values.size(limit))


def _start(client: "Client", options: Options, again: str, packing: Optional[Packing]) -> str:
    if packing is not None:
        if not again:
            # What the service would refuse is not worth an upload.
            client.post("/runtimes/preview", options)
        options = starting.with_folder(client, options, packing)
    runtime = starting.launch(client, options, again)
    note(f"{runtime['name']}: {runtime['tile']} on {runtime['machine']}.")
    return str(runtime["name"])


def _preview(client: "Client", options: Options, again: str, packing: Optional[Packing]) -> None:
    if again:
        raise BadUsage(
            f"--preview shows a new launch, and {again!r} is there already.",
            hint=f"`runtiles config {again}` shows what it has.",
        )
    say(yaml_text.dump(client.post("/runtimes/preview", options)).rstrip())
    if packing is not None:
        note(f"As the workspace, {packing.describe()} would be uploaded.")


def register(app: typer.Typer) -> None:
    app.command("start")(start)
