"""Which files of a folder go along, and under which names. `.runtilesignore` has git's syntax."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Iterable, Iterator, List, Optional, Sequence

from .errors import BadUsage, CliError

IGNORE_FILE = ".runtilesignore"
#: Made by tools and made again by them. A line like `!.git/` in `.runtilesignore` takes one along.
ALWAYS_IGNORED = (
    ".git/",
    ".venv/",
    "__pycache__/",
    "*.pyc",
    ".ipynb_checkpoints/",
    "node_modules/",
    f"/{IGNORE_FILE}",
)

Ignored = Callable[[str], bool]


@dataclass(frozen=True)
class Entry:
    """`name` is the path in the workspace, with slashes. `link` is a symbolic link's target, or ""."""

    name: str
    path: Path
    size: int
    executable: bool
    mtime: int
    link: str = ""
    directory: bool = False


def entries(context: Sequence[Path], includes: Sequence[Path]) -> List[Entry]:
    """What the folder holds (at most one), and each included file or folder under its own name; in
    order of names.

    Raises BadUsage for what is not there, for two files of one name and for a link that leads out.
    """
    found: Dict[str, Entry] = {}
    for entry in _all(context, includes):
        other = found.get(entry.name)
        if other and not (entry.directory and other.directory):
            raise BadUsage(
                f"Two files would be {entry.name!r}: {other.path} and {entry.path}.",
                hint="Rename one, or leave it out with .runtilesignore.",
            )
        found[entry.name] = entry
    _no_file_above_another(found)
    return [found[name] for name in sorted(found)]


def _all(context: Sequence[Path], includes: Sequence[Path]) -> Iterator[Entry]:
    for root in context:
        if not root.is_dir():
            raise BadUsage(f"--context {root}: there is no such folder.")
        yield from _walk(root, root, ignored_in(root))
    for given in includes:
        path = given.resolve()
        if not path.exists() or not path.name:
            raise BadUsage(f"--include {given}: there is no such file or folder.")
        yield _entry(path, path.parent, path.parent)
        if path.is_dir():
            yield from _walk(path, path.parent, ignored_in(None))


def ignored_in(root: Optional[Path]) -> Ignored:
    """Says of a path below `root` (folders with a slash at their end) whether it stays behind."""
    import pathspec  # noqa: PLC0415 - only an upload needs it

    lines: List[str] = list(ALWAYS_IGNORED)
    file = root / IGNORE_FILE if root else None
    if file is not None and file.is_file():
        try:
            lines += file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise BadUsage(f"{file} cannot be read: {error}.") from None
    try:
        spec = pathspec.GitIgnoreSpec.from_lines(lines)
    except ValueError as error:
        raise BadUsage(f"{file}: {error}.") from None
    return spec.match_file


def _walk(folder: Path, base: Path, ignored: Ignored) -> Iterator[Entry]:
    """Everything below the folder that is not ignored; what is below an ignored folder is not seen."""
    try:
        found = sorted(os.scandir(folder), key=lambda item: item.name)
    except OSError as error:
        raise CliError(f"{folder} cannot be read: {error.strerror}.") from None
    for item in found:
        path = Path(item.path)
        inside = path.relative_to(base).as_posix()
        is_folder = item.is_dir(follow_symlinks=False)
        if ignored(inside + "/" if is_folder else inside):
            continue
        yield _entry(path, base, folder)
        if is_folder:
            yield from _walk(path, base, ignored)


def _entry(path: Path, base: Path, folder: Path) -> Entry:
    status, name = path.lstat(), path.relative_to(base).as_posix()
    if stat.S_ISLNK(status.st_mode):
        return Entry(name, path, 0, False, int(status.st_mtime), link=_inner(path, base, folder))
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise BadUsage(
            f"{path} is neither a file nor a folder.", hint="Name it in .runtilesignore."
        )
    directory = stat.S_ISDIR(status.st_mode)
    size = 0 if directory else status.st_size
    executable = bool(status.st_mode & stat.S_IXUSR)
    return Entry(name, path, size, executable, int(status.st_mtime), directory=directory)


def _inner(path: Path, base: Path, folder: Path) -> str:
    """The link's target, if it stays inside of what is packed."""
    target = os.readlink(path)  # noqa: PTH115 - newer than the Python we run on
    where = os.path.normpath(folder / target)
    if Path(target).is_absolute() or Path(os.path.relpath(where, base)).parts[0] == os.pardir:
        raise BadUsage(
            f"{path} is a link to {target}, outside of the folder.",
            hint="Copy what it leads to, or name it in .runtilesignore.",
        )
    return target


def _no_file_above_another(found: Dict[str, Entry]) -> None:
    for name in found:
        for above in _parents(name):
            if above in found and not found[above].directory:
                raise BadUsage(
                    f"{above!r} would be a file and a folder.", hint="Rename one of them."
                )


def _parents(name: str) -> Iterable[str]:
    parts = name.split("/")[:-1]
    return ("/".join(parts[: count + 1]) for count in range(len(parts)))
