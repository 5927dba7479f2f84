"""completion"""

import typer
from typer.completion import get_completion_script  # type: ignore[attr-defined]

from runtiles.cli.errors import BadUsage
from runtiles.cli.output import say

_SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")


def completion(shell: str = typer.Argument(..., help="|".join(_SHELLS))) -> None:
    """Print what a shell needs to complete names.

    For bash: `runtiles completion bash >> ~/.bashrc`.
    """
    if shell not in _SHELLS:
        raise BadUsage(f"There is no completion for {shell!r}.", hint=", ".join(_SHELLS))
    variable = "_RUNTILES_COMPLETE"
    say(get_completion_script(prog_name="runtiles", complete_var=variable, shell=shell))


def register(app: typer.Typer) -> None:
    app.command("completion")(completion)
