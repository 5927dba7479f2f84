"""The one shape of everything that is not a success."""

from typing import Any

from pydantic import BaseModel


class Error(BaseModel):
    """Match on `code`, never on the text. `details.hint`, where there is one, says what to do;
    `details.fields` has an entry per bad field."""

    code: str
    message: str
    details: dict[str, Any]


class ErrorAnswer(BaseModel):
    """The answer to a request that failed."""

    error: Error
