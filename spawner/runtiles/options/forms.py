"""The gallery's form and a link's query as options. The gate still has the last word on both."""

from collections.abc import Mapping, Sequence
from typing import Any

from runtiles.catalogue import Catalogue
from runtiles.contract.errors import InvalidRequest, NotFound
from runtiles.values.text import did_you_mean, shown

#: The form's field names and the options they stand for, dotted for nested ones.
FORM_FIELDS: Mapping[str, str] = {
    "tile": "tile",
    "profile": "profile",
    "machine": "machine",
    "name": "name",
    "description": "description",
    "image": "image",
    "command": "command",
    "container_user": "container_user",
    "workspace_url": "workspace.url",
    "workspace_ref": "workspace.ref",
    "workspace_username": "workspace.username",
    "workspace_password": "workspace.password",
    "registry_username": "registry.username",
    "registry_password": "registry.password",
    "environment": "environment",
    "time_limit": "time_limit",
    "idle_timeout": "idle.timeout",
    "idle_type": "idle.type",
    "idle_action": "idle.action",
    "startup_hook": "startup_hook",
    "example": "example",
    "resume": "resume",
}
#: Not an option: the Hub's own token against forged forms.
_XSRF = "_xsrf"
_QUERY = ("tile", "profile")


def form_to_options(formdata: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Blank fields are left out. Raises InvalidRequest for a field that the form does not have, and
    for an environment that is not lines of NAME=value."""
    options: dict[str, Any] = {}
    for field, values in formdata.items():
        value = values[-1] if values else ""
        if field == _XSRF or value == "":
            continue
        if field not in FORM_FIELDS:
            meant = did_you_mean(str(field), FORM_FIELDS)
            raise InvalidRequest({str(field)[:100]: f"the form has no such field.{meant}"})
        section, _dot, key = FORM_FIELDS[field].partition(".")
        if field == "environment":
            value = _environment(value)
        if key:
            options.setdefault(section, {})[key] = value
        else:
            options[section] = value
    return options


def query_to_options(query: Mapping[str, Sequence[Any]], catalogue: Catalogue) -> dict[str, Any]:
    """The one thing a link may say: which tile. Raises InvalidRequest for anything else."""
    problems = {
        str(key)[:100]: f"a link may only name a tile.{did_you_mean(str(key), _QUERY)}"
        for key in query
        if key not in _QUERY
    }
    slugs = {str(slug) for key in _QUERY for slug in query.get(key, ())}
    if len(slugs) != 1:
        problems.setdefault("tile", "a link must name one tile")
    if problems:
        raise InvalidRequest(dict(list(problems.items())[:50]))
    try:
        return {"tile": catalogue.resolve(slugs.pop()).slug}
    except NotFound as error:
        raise InvalidRequest({"tile": str(error)}) from None


def _environment(text: Any) -> dict[str, str]:
    """Lines of NAME=value; blank lines and lines that begin with # are skipped."""
    if not isinstance(text, str):
        raise InvalidRequest({"environment": f"must be text, not {shown(text)}"})
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise InvalidRequest({"environment": f"line {number} must be NAME=value"})
        if name.strip() in found:
            raise InvalidRequest({"environment": f"line {number} sets {shown(name.strip())} again"})
        found[name.strip()] = value.strip()
    return found
