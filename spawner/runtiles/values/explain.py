"""What pydantic found wrong, in words for the person who typed it.

No message repeats the refused value: it may be a password in the wrong field.
"""

import types
from collections.abc import Mapping, Sequence
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from .text import did_you_mean

Path = tuple[str | int, ...]

#: By pydantic's error type; what is not here gets pydantic's own sentence.
_SENTENCES = {
    "missing": "is missing",
    "string_type": "must be text",
    "string_unicode": "must be valid Unicode text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "dict_type": "must be a mapping of names to values",
    "mapping_type": "must be a mapping of names to values",
    "model_type": "must be a mapping of names to values",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "string_pattern_mismatch": "has characters that are not allowed here, or too many of them",
}


def explain(error: ValidationError, model: type[BaseModel]) -> dict[Path, str]:
    """One sentence per wrong place; for an unknown key with what was probably meant."""
    found: dict[Path, str] = {}
    for item in error.errors(include_url=False, include_input=False):
        path: Path = item["loc"]
        # Marks an error in the key of a mapping instead of its value: the same place for a person.
        if len(path) > 2 and path[-1] == "[key]":
            path = path[:-1]
        found.setdefault(
            path, _sentence(item["type"], item["msg"], item.get("ctx", {}), path, model)
        )
    return found


def _sentence(
    kind: str, message: str, context: Mapping[str, Any], path: Path, model: type[BaseModel]
) -> str:
    if kind == "extra_forbidden":
        return f"unknown key.{did_you_mean(str(path[-1]), _keys_at(model, path[:-1]))}"
    if kind == "literal_error":
        return f"must be one of {context['expected']}".replace(" or ", ", ")
    if kind in ("value_error", "assertion_error"):
        return message.partition(", ")[2]
    return _SENTENCES.get(kind) or f"{message[:1].lower()}{message[1:]}"


def model_at(model: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel] | None:
    """The model that the value at `path` is made of; None when it is no model."""
    found: type[BaseModel] | None = model
    for key in path:
        if isinstance(key, int):
            continue
        field = found.model_fields.get(key) if found else None
        found = _model_in(field.annotation) if field else None
    return found


def _keys_at(model: type[BaseModel], path: Path) -> list[str]:
    found = model_at(model, path)
    return list(found.model_fields) if found else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType, tuple, list):
        members = (_model_in(member) for member in get_args(annotation))
        return next((member for member in members if member), None)
    return None
