"""Makes the launcher's environment. Runs inside the image that gets the layer, on its own Python.

Standard library only, Python 3.8 and later; it is copied into a container as a file. Its one argument
is a JSON file, written by `Recipe.files` in layer.py. What it prints is shown to the person who
waits: a line that begins with STEP is a new step.
"""

# Python 3.8 could not evaluate the annotations.
from __future__ import annotations

import compileall
import json
import os
import shutil
import site
import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

STEP = "##step## "
#: Of the image's own pip settings only those that say where packages come from.
_KEPT = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_CERT", "PIP_PROXY")
_PIP_OPTIONS = (
    "--ignore-installed",
    "--prefer-binary",
    "--no-cache-dir",
    "--no-input",
    "--no-color",
    "--no-warn-script-location",
    "--disable-pip-version-check",
    "--progress-bar=off",
)
#: -I and -S: neither the current folder nor anybody's site-packages has a say in it.
_COMMAND_LINE = """#!{python} -IS
import sys
sys.path[:0] = {paths!r}
from runtiles.cli.main import main
sys.exit(main())
"""
_CHECK = "import ipykernel, jupyterhub.singleuser, jupyterlab, jupyter_server, runtiles_server"


def main(options_path: str) -> None:
    """Raises SystemExit with a message when a step fails."""
    os.umask(0o022)
    say(f"Python {sys.version.split()[0]} on {sysconfig.get_platform()}")
    here = Path(options_path).parent
    options = json.loads(Path(options_path).read_text(encoding="utf-8"))
    target = Path(options["target"])
    python = str(target / "bin" / "python")
    say(STEP + "Creating the environment")
    create(target)
    say(STEP + "Installing the launcher's packages")
    install(python, options, here)
    say(STEP + "Adding the command line")
    add_command_line(python, options, here)
    say(STEP + "Adding the launcher")
    # What the Hub's own pages need in a browser: 60 MB that no runtime serves.
    shutil.rmtree(target / "share/jupyterhub/static/components", ignore_errors=True)
    add_sources(target, here, packages_dir(python))
    say(STEP + "Checking that it starts")
    run([python, "-c", _CHECK], clean_environment(), "The launcher does not start in this image.")
    open_for_all(target)
    shutil.rmtree(here)  # nothing of how it was made is kept


def add_command_line(python: str, options: dict[str, Any], here: Path) -> None:
    """`runtiles`, with its packages in a folder that nothing else looks into: notebooks keep the image's
    versions of all of them. Without them (an index that has none) a runtime is still a runtime.
    """
    target = Path(options["target"])
    folder = target / "cli"
    try:
        pip_install(python, options, here, options["command_line"], ["--target", str(folder)])
    except SystemExit:
        shutil.rmtree(folder, ignore_errors=True)
        say("The command line is left out: its packages cannot be installed.")
        return
    script = target / "bin" / "runtiles"
    text = _COMMAND_LINE.format(python=python, paths=[str(folder), str(target / "src")])
    script.write_text(text, encoding="utf-8")
    script.chmod(0o755)
    # A login shell, as a terminal's is, forgets the PATH that it was given.
    known = Path("/usr/local/bin")
    if known.is_dir() and not os.path.lexists(str(known / "runtiles")):
        (known / "runtiles").symlink_to(script)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def create(target: Path) -> None:
    """An environment on top of the image's packages; what is installed into it wins over them."""
    shutil.rmtree(target, ignore_errors=True)
    venv.EnvBuilder(system_site_packages=True, symlinks=True, with_pip=False).create(target)


def install(python: str, options: dict[str, Any], here: Path) -> None:
    """Installs everything that is needed, whatever the image has of it.

    `--ignore-installed`: an image's old, patched or half-removed package must neither count as good
    enough nor be taken away from the image.
    """
    requirements = list(options["requirements"])
    if not has_pip(python, clean_environment()):
        wheel = options["pip_wheel"]
        requirements.append(str(here / wheel) if wheel else "pip")  # for `%pip` in notebooks
    pip_install(python, options, here, requirements)


def pip_install(
    python: str,
    options: dict[str, Any],
    here: Path,
    requirements: Sequence[str],
    more: Sequence[str] = (),
) -> None:
    """From where the options say that packages come from. Raises SystemExit."""
    arguments = [argument.replace("{here}", str(here)) for argument in options["pip_arguments"]]
    with tempfile.TemporaryDirectory() as scratch:
        environment = {**clean_environment(options["own_index"]), **options["environment"]}
        find_pip(python, options["pip_wheel"], here, Path(scratch), environment)
        run(
            [python, "-m", "pip", "install", *_PIP_OPTIONS, *arguments, *more, *requirements],
            environment,
            "Installing the launcher's packages failed.",
        )


def find_pip(
    python: str, wheel: str, here: Path, scratch: Path, environment: dict[str, str]
) -> None:
    """Makes `python -m pip` work: a wheel that came along, or the image's pip, or ensurepip."""
    if wheel:
        with zipfile.ZipFile(here / wheel) as archive:
            archive.extractall(scratch)
        environment["PYTHONPATH"] = str(scratch)
    elif not has_pip(python, environment):
        run(
            [python, "-m", "ensurepip", "--default-pip"],
            environment,
            "There is no pip for this image's Python: install python3-pip in the image.",
        )


def has_pip(python: str, environment: dict[str, str]) -> bool:
    probe = subprocess.run(
        [python, "-m", "pip", "--version"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return probe.returncode == 0


def clean_environment(own_index: bool = False) -> dict[str, str]:
    """The image's environment without what would bend Python or pip.

    With `own_index` (the site says where packages come from) no pip setting of the image counts.
    """
    kept = () if own_index else _KEPT
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in kept or not name.startswith(("PIP_", "PYTHON", "GIT_PYTHON_"))
    }
    environment["PIP_ROOT_USER_ACTION"] = "ignore"
    environment["GIT_PYTHON_REFRESH"] = "quiet"
    environment["PYTHONUNBUFFERED"] = "1"
    environment["HOME"] = tempfile.gettempdir()
    if own_index:
        environment["PIP_CONFIG_FILE"] = os.devnull
    return environment


def packages_dir(python: str) -> Path:
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(subprocess.check_output([python, "-c", code], universal_newlines=True).strip())


def add_sources(target: Path, here: Path, packages: Path) -> None:
    """Our own code, compiled; and the packages of the image's virtual environment, if it is one."""
    sources = target / "src"
    shutil.copytree(here / "src", sources)
    compileall.compile_dir(str(sources), quiet=1)
    write_lines(packages / "runtiles.pth", [str(sources)])
    if sys.prefix != sys.base_prefix:
        lines = [f"import site; site.addsitedir({path!r})" for path in site.getsitepackages()]
        write_lines(packages / "zz_image.pth", lines)


def write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def open_for_all(target: Path) -> None:
    """Readable, and where its owner may execute executable, by any user."""
    target.chmod(0o755)
    for path in target.rglob("*"):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 or path.is_dir() else 0))


def run(command: list[str], environment: dict[str, str], failed: str) -> None:
    if subprocess.run(command, env=environment, check=False).returncode:
        raise SystemExit(failed)


if __name__ == "__main__":
    main(sys.argv[1])
