"""How a refused form's errors get through the Hub to the page."""

from collections.abc import Mapping
from types import MappingProxyType


class FormError(str):
    """A message that also knows which field is to blame.

    The Hub hands `jupyterhub_message` of an exception to the spawn page as it is. As a plain string
    it would lose the fields; this one keeps them for our template and is a string for everybody else.
    """

    __slots__ = ("fields",)
    fields: Mapping[str, str]

    # No typing.Self before Python 3.11.
    def __new__(cls, message: str, fields: Mapping[str, str] | None = None) -> "FormError":  # noqa: PYI034
        """`fields`: one text per bad field, dotted for nested ones, as in InvalidRequest."""
        error = super().__new__(cls, message)
        error.fields = MappingProxyType(dict(fields or {}))
        return error
