"""The body of a pause."""

from pydantic import BaseModel, ConfigDict, StrictBool, ValidationError

from runtiles.contract.errors import InvalidRequest
from runtiles.values.explain import explain


class PauseRequest(BaseModel):
    """`dry_run`: only tell what would be saved and lost. `accept_loss`: pause also where something is
    lost. `interrupt`: once, what the kernels run. `kernels`: only these; the others are lost."""

    model_config = ConfigDict(extra="forbid")

    dry_run: StrictBool = False
    accept_loss: StrictBool = False
    interrupt: StrictBool = False
    kernels: list[str] | None = None

    @classmethod
    def of(cls, body: object) -> "PauseRequest":
        """Raises InvalidRequest."""
        try:
            return cls.model_validate(body)
        except ValidationError as error:
            found = explain(error, cls)
            fields = {".".join(map(str, path)) or "body": text for path, text in found.items()}
            raise InvalidRequest(fields) from None
