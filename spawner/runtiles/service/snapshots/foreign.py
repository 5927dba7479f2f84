"""What a snapshot from elsewhere says about itself, in the shape that ours have. Nothing of it is believed:
it is text to show, cut where it is too long."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from runtiles.contract.errors import InvalidRequest

_MOST = 10_000


def _cut(value: Any) -> Any:
    return value[:1000] if isinstance(value, str) else value


def _first(value: Any) -> Any:
    return value[:_MOST] if isinstance(value, list) else value


_Text = Annotated[str, BeforeValidator(_cut)]
_Count = Annotated[int, Field(ge=0, le=2**60)]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class Variable(_Shape):
    name: _Text
    type: _Text = ""
    bytes: _Count = 0
    status: _Text = ""
    reason: _Text = ""


class Loss(_Shape):
    variable: _Text = ""
    path: _Text = ""
    type: _Text = ""
    reason: _Text = ""


class Session(_Shape):
    id: _Text
    path: _Text = ""
    name: _Text = ""
    type: _Text = ""


class Kernel(_Shape):
    id: _Text
    name: _Text = ""
    language: _Text = ""
    path: _Text = ""
    sessions: Annotated[list[Session], BeforeValidator(_first)] = []
    execution_count: _Count = 0
    status: _Text = ""
    reason: _Text = ""
    bytes: _Count = 0
    losses: Annotated[list[Loss], BeforeValidator(_first)] = []
    notes: Annotated[list[_Text], BeforeValidator(_first)] = []
    variables: Annotated[list[Variable], BeforeValidator(_first)] = []
    more: _Count = 0


class Manifest(_Shape):
    format: int = 1
    id: _Text = ""
    created: _Text = ""
    runtime: _Text = ""
    tile: _Text = ""
    launch_id: _Text = ""
    bytes: _Count = 0
    written: _Count = 0
    seconds: float = 0.0
    kernels: Annotated[list[Kernel], BeforeValidator(_first)] = []


def shaped(whole: Any) -> dict[str, Any]:
    """Raises InvalidRequest."""
    try:
        return Manifest.model_validate(whole).model_dump()
    except (ValidationError, RecursionError):
        raise InvalidRequest(
            {"body": "is not the file of a snapshot: its description is none"}
        ) from None


def without_variables(manifest: dict[str, Any]) -> dict[str, Any]:
    """The summary of a record."""
    kernels = [{k: v for k, v in each.items() if k != "variables"} for each in manifest["kernels"]]
    return {**manifest, "kernels": kernels}
