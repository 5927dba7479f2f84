"""`secret:NAME`: how a stored secret is named where a credential is asked for."""

import re

PREFIX = "secret:"
#: The names that the store of secrets accepts.
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")


def is_reference(value: object) -> bool:
    """Is it meant as a reference? Its name may still be wrong: see `check_reference`."""
    return isinstance(value, str) and value.startswith(PREFIX)


def check_reference(value: str) -> str:
    """Raises ValueError, without repeating the value: it may be a password."""
    if not is_reference(value):
        raise ValueError(
            "use secret:NAME, or launch through the Runtiles page or API,"
            " which stores it as a secret at once"
        )
    if not _NAME.fullmatch(value[len(PREFIX) :]):
        raise ValueError(
            "the name after 'secret:' must be 1 to 128 letters, digits, '.', '_' or '-'"
        )
    return value
