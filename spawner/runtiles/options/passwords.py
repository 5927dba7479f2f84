"""Credentials typed in clear: where they are in options, and putting `secret:NAME` in their place.

The gate refuses them. A page or an API that takes them stores each as a secret first, so that the
options it passes on never held one.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from runtiles.values.environment import names_a_credential
from runtiles.values.secret_refs import is_reference

_SECTIONS = ("workspace", "registry")


def plaintext_passwords(options: Any) -> list[str]:
    """The dotted paths of credentials in clear: both passwords, and variables whose name says that
    they hold one (`environment.HF_TOKEN`). Takes anything, valid or not."""
    return [f"{section}.{key}" for section, key, _value in _plain(options)]


def replace_passwords(options: Any, keep: Callable[[str, str], str]) -> Any:
    """A copy with each credential replaced by `keep(path, value)`, which stores it and returns its
    `secret:NAME`. What is not an object comes back unchanged, for the gate to refuse."""
    if not isinstance(options, Mapping):
        return options
    copy = dict(options)
    for section, key, value in list(_plain(options)):
        copy[section] = {**copy[section], key: keep(f"{section}.{key}", value)}
    return copy


def _plain(options: Any) -> Iterator[tuple[str, str, str]]:
    if not isinstance(options, Mapping):
        return
    for section in _SECTIONS:
        given = options.get(section)
        value = given.get("password") if isinstance(given, Mapping) else None
        if isinstance(value, str) and value.strip() and not is_reference(value):
            yield section, "password", value
    environment = options.get("environment")
    for name, value in environment.items() if isinstance(environment, Mapping) else ():
        # A number becomes text at the gate; it is no less a password for that.
        text = str(value) if type(value) in (int, float) else value
        if not isinstance(name, str) or not isinstance(text, str) or is_reference(text):
            continue
        if names_a_credential(name, text):
            yield "environment", name, text
