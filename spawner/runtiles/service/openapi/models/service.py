"""What the service tells of itself."""

from typing import Any

from pydantic import BaseModel

#: JSON that has its own description elsewhere.
AnyObject = dict[str, Any]


class Version(BaseModel):
    """`protocol` is the launch protocol, which launchers compare with their own."""

    version: str
    protocol: int
