"""Bodies: the models of the gate, with what the API takes on top of them."""

from functools import partial
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from runtiles.options import LaunchRequest
from runtiles.values.text import one_line


class Launch(LaunchRequest):
    """What to launch. `profile` is another word for `tile`; blank means "not asked for".

    Passwords, and variables whose name says that they are credentials, may be given in clear: they are
    stored as secrets at once and kept as `secret:NAME`.
    """

    profile: str = ""


class SecretValue(BaseModel):
    """Written, never read back."""

    model_config = ConfigDict(extra="forbid")

    value: str


class Rename(BaseModel):
    """What a runtime is called from now on: one line. Empty: the title of its tile again."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, BeforeValidator(partial(one_line, limit=120))]
