"""Builds the part in JupyterLab, which is committed as it is built: python -m scripts.labextension

Needs Node.js 20 with npm. The result lies in the server's package, so that every way of installing it
(a wheel, an image's layer, a checkout) brings it along and nothing but a change of it needs Node.js.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "labextension"
BUILT = Path("server_extension", "runtiles_server", "share", "labextensions", "runtiles")
#: In the result: what it was made from.
DIGEST = "sources.sha256"
_MADE = {"node_modules", "lib", "build"}


def digest(sources: Path = SOURCES) -> str:
    """Of every file that the result is made from, or checked with."""
    found = hashlib.sha256()
    for path in source_files(sources):
        found.update(f"\0{path.relative_to(sources)}\0".encode() + path.read_bytes())
    return found.hexdigest()


def source_files(sources: Path = SOURCES) -> list[Path]:
    """Without what is installed or made."""
    tops = [path for path in sources.iterdir() if path.name not in _MADE]
    files = [file for top in tops for file in (top.rglob("*") if top.is_dir() else [top])]
    return sorted(file for file in files if file.is_file())


def build(folder: Path, npm: tuple[str, ...] = ("npm",)) -> None:
    """From the sources in `folder`, a copy or the real ones, to BUILT beside it. Installs what is missing.
    Raises CalledProcessError."""
    lock = (folder / "package-lock.json").read_bytes()
    stamp = folder / "node_modules" / ".installed"
    if not stamp.exists() or stamp.read_bytes() != lock:
        _run(folder, *npm, "ci")
        stamp.write_bytes(lock)
    built = folder.parent / BUILT
    for made in (folder / "lib", folder / "build", built):
        shutil.rmtree(made, ignore_errors=True)
    for step in ("lint", "test", "build"):
        _run(folder, *npm, "run", "--silent", step)
    (built / DIGEST).write_text(digest(folder) + "\n")


def _run(folder: Path, *command: str) -> None:
    # jupyter-builder is a package of Python's, beside ours.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}, check=True)


def main() -> int:
    """Exit codes: 0 done, 1 failed; the output of the step that failed says why."""
    if shutil.which("npm") is None:
        print("runtiles: Node.js 20 with npm is needed to build labextension/", file=sys.stderr)
        return 1
    try:
        build(SOURCES)
    except subprocess.CalledProcessError as error:
        print(f"runtiles: {' '.join(error.cmd)} failed", file=sys.stderr)
        return 1
    print(f"runtiles: built {BUILT}; commit it with the sources")
    return 0


if __name__ == "__main__":
    sys.exit(main())
