"""The sites that `runtiles login` knows: a file that only its owner can read."""

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

from .errors import CliError

_FILE = "credentials.json"


@dataclass(frozen=True)
class Site:
    """`url` is the service's API, without a slash at its end. `name` is "" for one never stored.

    `inside`: it is asked from one of its own runtimes, over the way between them.
    """

    url: str
    token: str = field(repr=False)
    name: str = ""
    user: str = ""
    inside: bool = False


@dataclass(frozen=True)
class Credentials:
    sites: Mapping[str, Site] = field(default_factory=dict)
    default: str = ""

    def with_site(self, site: Site) -> "Credentials":
        """It becomes the default."""
        return Credentials({**self.sites, site.name: site}, site.name)

    def without(self, name: str) -> "Credentials":
        rest = {key: site for key, site in self.sites.items() if key != name}
        default = self.default if self.default in rest else next(iter(rest), "")
        return Credentials(rest, default)


def config_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this person's settings of the command line are."""
    given = environ.get("RUNTILES_CONFIG_DIR")
    if given:
        return Path(given)
    base = environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "runtiles"


def load(folder: Optional[Path] = None) -> Credentials:
    """What is stored, nothing if there is no file. Raises CliError for one that cannot be read."""
    path = (folder or config_dir()) / _FILE
    try:
        text = path.read_text(encoding="utf-8")
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except FileNotFoundError:
        return Credentials()
    except (OSError, UnicodeDecodeError) as error:
        raise CliError(f"{path} cannot be read: {error}.") from None
    try:
        return _parsed(json.loads(text))
    except (ValueError, TypeError, AttributeError, KeyError):
        raise CliError(
            f"{path} is damaged.", hint="Remove it and run `runtiles login URL` again."
        ) from None


def save(credentials: Credentials, folder: Optional[Path] = None) -> Path:
    """At once or not at all, readable by its owner only from the first moment. Raises CliError."""
    folder = folder or config_dir()
    path = folder / _FILE
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, temporary = tempfile.mkstemp(dir=str(folder), prefix=".credentials-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(_plain(credentials), file, indent=2)
            file.write("\n")
        Path(temporary).replace(path)
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error}.") from None
    return path


def _plain(credentials: Credentials) -> Dict[str, Any]:
    sites = {name: asdict(site) for name, site in credentials.sites.items()}
    for site in sites.values():
        del site["name"], site["inside"]
    return {"default": credentials.default, "sites": sites}


def _parsed(data: Any) -> Credentials:
    sites = {
        str(name): Site(str(one["url"]), str(one["token"]), str(name), str(one.get("user", "")))
        for name, one in data["sites"].items()
    }
    return Credentials(sites, str(data.get("default", "")))
