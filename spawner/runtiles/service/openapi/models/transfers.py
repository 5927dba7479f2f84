"""Copying variables from one kernel to another."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class TransferLoss(BaseModel):
    """The smallest thing that was not carried, and where it sat."""

    variable: str
    path: str
    type: str
    reason: str


class TransferFrom(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kernel: Annotated[str, Field(min_length=1)]


class TransferTo(TransferFrom):
    """`runtime`: another one of the same user; left out or null: the same one."""

    runtime: str | None = None


class TransferRequest(BaseModel):
    """What to copy: `names`, or null for every variable, each with what it needs; `rename` maps a name to
    the one it gets. Without `overwrite` what is there already stays. `dry_run` changes nothing.
    `patience`: seconds to wait for each kernel that is busy.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    source: Annotated[TransferFrom, Field(alias="from")]
    to: TransferTo
    names: list[str] | None = None
    rename: dict[str, str] = {}
    overwrite: bool = False
    dry_run: bool = False
    patience: Annotated[float, Field(ge=0, le=600)] = 30.0


class TransferredVariable(BaseModel):
    """`kept`: what was there already stays. `bytes` counts what it shares with an earlier one there."""

    model_config = ConfigDict(populate_by_name=True)

    name: str
    called: Annotated[str, Field(alias="as")]
    type: str
    bytes: int
    status: Literal["copied", "kept", "skipped", "failed"]
    reason: str


class Transferred(BaseModel):
    """`way`: within one runtime, over the common storage, or from server to server."""

    variables: list[TransferredVariable]
    losses: list[TransferLoss]
    notes: list[str]
    bytes: int
    seconds: float
    way: Literal["kernel", "storage", "http"]
