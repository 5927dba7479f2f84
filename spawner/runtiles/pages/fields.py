"""The advanced options: which fields there are, what they are called, what the last choice had in them."""

import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from runtiles.policy import SitePolicy
from runtiles.values.quantities import format_duration

Kind = Literal["text", "password", "textarea"]
_SECRET = "secret:"  # noqa: S105 - the prefix of a reference, not a secret


@dataclass(frozen=True)
class Field:
    """One input. `placeholder` is what it says where neither tile nor person has a value."""

    name: str
    label: str
    kind: Kind = "text"
    placeholder: str = ""
    note: str = ""
    wide: bool = False
    mono: bool = False
    disabled: bool = False
    value: str = ""


@dataclass(frozen=True)
class Group:
    title: str
    fields: tuple[Field, ...]


_GROUPS = (
    Group(
        "Workspace",
        (
            Field("workspace_url", "Workspace URL", wide=True, mono=True, placeholder="none"),
            Field("workspace_ref", "Ref", placeholder="default branch", mono=True),
            Field("workspace_username", "Username", placeholder="none"),
            Field("workspace_password", "Password or token", kind="password", placeholder="none"),
        ),
    ),
    Group(
        "Container",
        (
            Field("image", "Container name", wide=True, mono=True),
            Field("registry_username", "Registry username", placeholder="none"),
            Field("registry_password", "Registry password", kind="password", placeholder="none"),
            Field("command", "Command", wide=True, mono=True, placeholder="JupyterLab"),
            Field("container_user", "Container user", mono=True, placeholder="root"),
        ),
    ),
    Group(
        "Runtime",
        (
            Field(
                "environment",
                "Environment",
                kind="textarea",
                placeholder="NAME=value",
                wide=True,
                note="One NAME=value per line; a value may be secret:NAME.",
            ),
            Field("time_limit", "Time limit", placeholder="none", note="Such as 90m or 4h."),
            Field("example", "Example notebook", mono=True, placeholder="none"),
            Field("startup_hook", "Startup hook", kind="textarea", wide=True, placeholder="none"),
            Field("description", "Description", wide=True, placeholder="none"),
        ),
    ),
)

#: Fields whose value is one level down in a LaunchRequest.
_NESTED = {
    f"{group}_{name}": (group, name)
    for group, names in {
        "workspace": ("url", "ref", "username", "password"),
        "registry": ("username", "password"),
    }.items()
    for name in names
}


#: Only where a person may have several runtimes and this page is not for one of them already.
_NAME = Field(
    "name",
    "Runtime name",
    placeholder="your default runtime",
    note="Small letters, digits and '-'. A new name makes another runtime.",
    wide=True,
)


def advanced_groups(
    policy: SitePolicy,
    previous: Mapping[str, Any],
    *,
    teams: Collection[str] = (),
    named: bool = False,
) -> tuple[Group, ...]:
    """The form's groups with what this site forbids a member of `teams` disabled (and why), filled from the
    last choice.

    `named` adds the field for a runtime's name, which is never filled in.
    """
    groups = [
        Group(group.title, tuple(_fill(field, policy, teams, previous) for field in group.fields))
        for group in _GROUPS
    ]
    if named:
        groups[-1] = replace(groups[-1], fields=(_NAME, *groups[-1].fields))
    return tuple(groups)


def _fill(
    field: Field, policy: SitePolicy, teams: Collection[str], previous: Mapping[str, Any]
) -> Field:
    reason = _forbidden(field.name, policy)
    if reason:
        return replace(field, disabled=True, note=reason)
    value = _value(field.name, previous)
    note = _hint(field.name, policy, teams) or field.note
    if field.kind == "password" and value.startswith(_SECRET):
        note = f"Kept as {value}. Write another one to replace it."
    return replace(field, value=value, note=note)


def _forbidden(name: str, policy: SitePolicy) -> str:
    if name == "image" and not policy.allow_custom_images:
        return "This site offers the images of its tiles only."
    if name == "command" and not policy.allow_custom_commands:
        return "This site runs the commands of its tiles only."
    return ""


def _hint(name: str, policy: SitePolicy, teams: Collection[str]) -> str:
    if name == "image" and policy.allowed_images:
        return f"Allowed: {', '.join(policy.allowed_images)}"
    if name == "workspace_url":
        return _workspace_hint(policy)
    longest = policy.limit("max_time_limit", teams)
    if name == "time_limit" and longest:
        return f"Such as 90m; at most {format_duration(longest.seconds)}."
    return ""


def _workspace_hint(policy: SitePolicy) -> str:
    hosts = f" on {', '.join(policy.workspace_hosts)}" if policy.workspace_hosts else ""
    return f"A git repository ({', '.join(policy.workspace_schemes)}){hosts}."


def _value(name: str, options: Mapping[str, Any]) -> str:
    value: Any = options.get(name)
    if name in _NESTED:
        group, key = _NESTED[name]
        nested = options.get(group)
        value = nested.get(key) if isinstance(nested, Mapping) else None
    return _text(name, value)


def _text(name: str, value: Any) -> str:
    """Options come from the database of the Hub: any JSON may be there, also from an older version."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, Mapping):
        return "\n".join(f"{key}={text}" for key, text in value.items())
    if isinstance(value, (list, tuple)):
        return shlex.join(map(str, value))
    if name == "time_limit" and isinstance(value, (int, float)):
        return format_duration(value)
    return str(value)
