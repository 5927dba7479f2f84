"""Builds the images of the local tiles: python -m scripts.image [--if-changed] [python|data-science|all]

Settings, from the environment (`make image NAME=value`): BASE_IMAGE, EXTRA_CA, BUILD_NETWORK,
PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_TRUSTED_HOST, the proxy variables; DEBIAN_MIRROR where the
base comes from Debian packages. docs/howto/images.md explains them.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts import engine

ROOT = Path(__file__).resolve().parent.parent
IMAGES = {"python": "runtiles/python:latest", "data-science": "runtiles/data-science:latest"}
REGISTRY_BASE = "python:3.12-slim-bookworm"
PACKAGE_BASE = "runtiles/base:bookworm"
DIGEST_LABEL = "org.runtiles.recipe"

CERTIFICATES = Path("docker", "certificates", "extra-ca.crt")

_CERTIFICATES = ("EXTRA_CA", "PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
_INPUTS = ("pyproject.toml", "README.md", "LICENSE", "docker", "spawner", "server_extension")
_BUILD_ARGS = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST",
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
)


class BuildFailed(Exception):
    """Said to the person as it is."""


def digest(base: str, root: Path = ROOT) -> str:
    """Of all that an image is made from: equal digests, equal images (but for newer packages)."""
    found = hashlib.sha256(base.encode())
    for path in _input_files(root):
        found.update(str(path.relative_to(root)).encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def missing_or_stale(names: list[str]) -> list[str]:
    """Which of these images have to be built; needs no network. Raises BuildFailed."""
    _need_engine()
    copy_certificates()
    base = _local_base()
    wanted = digest(base) if base else ""
    return [name for name in names if not base or _label(IMAGES[name]) != wanted]


def build(names: list[str]) -> None:
    """Builds with the engine's own output as progress. Raises BuildFailed."""
    if not names:
        return
    _need_engine()
    copy_certificates()
    base = base_image()
    for name in names:
        _say(f"building {IMAGES[name]} from {base} (a minute or two the first time)")
        _run(_build_command(name, base), f"the image {IMAGES[name]} could not be built")


def _need_engine() -> None:
    if engine.version() is None:
        raise BuildFailed(f"No Docker engine answers. {engine.advice()}")


def _build_command(name: str, base: str) -> list[str]:
    given = [key for key in _BUILD_ARGS if os.environ.get(key)]
    return [
        *("docker", "build", "--file", "docker/Dockerfile", "--target", name),
        *("--network", os.environ.get("BUILD_NETWORK") or "host"),
        *("--tag", IMAGES[name], "--label", f"{DIGEST_LABEL}={digest(base)}"),
        *("--build-arg", f"BASE_IMAGE={base}"),
        # Without "=value" the client takes the value from the environment: not in the process list.
        *(part for key in given for part in ("--build-arg", key)),
        ".",
    ]


def _input_files(root: Path) -> Iterator[Path]:
    for name in _INPUTS:
        path = root / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (f for f in files if f.is_file() and f.suffix != ".pyc" and f.name[0] != ".")


def certificates() -> list[Path]:
    """What a build must trust to reach the package index: EXTRA_CA, else what pip is told to use on
    this host, else what its administrator added to the distribution's own."""
    given = [
        os.environ[name] for name in _CERTIFICATES if os.environ.get(name)
    ] or _pip_certificate()
    if given:
        return [Path(given[0]).expanduser()]
    return sorted(Path("/usr/local/share/ca-certificates").glob("*.crt"))


def _pip_certificate() -> list[str]:
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.cert"],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.split()


def copy_certificates(root: Path = ROOT) -> None:
    """Into the folder that the recipe reads. Without any, those of an earlier build stay."""
    sources = certificates()
    for source in sources:
        if not source.is_file():
            raise BuildFailed(f"The certificates {source} are not there (EXTRA_CA names others).")
        if b"BEGIN CERTIFICATE" not in source.read_bytes():
            raise BuildFailed(f"There is no PEM certificate in {source} (EXTRA_CA names others).")
    if sources:
        text = b"\n".join(source.read_bytes().strip() for source in sources)
        (root / CERTIFICATES).write_bytes(text + b"\n")


def _local_base() -> str | None:
    """The base that a build would take without asking a registry; None where it has to ask."""
    candidates = [os.environ.get("BASE_IMAGE") or REGISTRY_BASE]
    if not os.environ.get("BASE_IMAGE"):
        candidates.append(PACKAGE_BASE)
    return next((image for image in candidates if _exists(image)), None)


def base_image() -> str:
    """The image to build on; pulled, or made from packages, if it is not here. Raises BuildFailed."""
    local = _local_base()
    if local:
        return local
    wanted = os.environ.get("BASE_IMAGE") or REGISTRY_BASE
    if _call("docker", "pull", wanted) == 0:
        return wanted
    if os.environ.get("BASE_IMAGE"):
        raise BuildFailed(f"The base image {wanted} is not here and could not be pulled.")
    _say(f"no registry gives {wanted}: making the base from Debian packages (under a minute)")
    return _package_base()


def _package_base() -> str:
    if shutil.which("debootstrap") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _run(
            ["sh", "scripts/apt.sh", "debootstrap", "debian-archive-keyring"],
            "debootstrap could not be installed",
        )
    if shutil.which("debootstrap") is None or os.geteuid() != 0:
        raise BuildFailed(
            "Making the base image from Debian packages needs root and debootstrap: "
            "sudo make image. Or name an image that is here: make image BASE_IMAGE=..."
        )
    _run(["sh", "docker/debian.sh", PACKAGE_BASE], "the base image could not be made")
    return PACKAGE_BASE


def _exists(image: str) -> bool:
    return _inspect(image, "{{.Id}}") is not None


def _label(image: str) -> str | None:
    return _inspect(image, f'{{{{index .Config.Labels "{DIGEST_LABEL}"}}}}')


def _inspect(image: str, template: str) -> str | None:
    found = subprocess.run(
        ["docker", "image", "inspect", "--format", template, image],
        env=engine.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() if found.returncode == 0 else None


def _run(command: list[str], complaint: str) -> None:
    if _call(*command) != 0:
        raise BuildFailed(f"{complaint[0].upper()}{complaint[1:]}; the reason is above.")


def _call(*command: str) -> int:
    return subprocess.run(command, cwd=ROOT, env=engine.environment(), check=False).returncode


def _say(text: str) -> None:
    print(f"runtiles: {text}", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Exit codes: 0 done, 1 failed, 2 bad usage."""
    parser = argparse.ArgumentParser(prog="make image", description=__doc__)
    parser.add_argument("--if-changed", action="store_true", help="build only what is out of date")
    parser.add_argument("which", nargs="?", default="all", choices=[*IMAGES, "all"])
    options = parser.parse_args(arguments)
    names = list(IMAGES) if options.which == "all" else [options.which]
    try:
        build(missing_or_stale(names) if options.if_changed else names)
    except BuildFailed as error:
        print(f"runtiles: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
