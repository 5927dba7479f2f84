"""When images were last started."""

import time
from dataclasses import dataclass

from sqlalchemy import delete, select

from .database import Database
from .schema import IMAGE_USES


@dataclass(frozen=True)
class ImageUse:
    """`last_used` is seconds since the epoch."""

    image_id: str
    reference: str
    last_used: float


class ImageUses:
    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, image_id: str, reference: str) -> None:
        """A container of this image is being started."""
        row = {"image_id": image_id, "reference": reference, "last_used": time.time()}
        with self._database.write() as connection:
            connection.execute(delete(IMAGE_USES).where(IMAGE_USES.c.image_id == image_id))
            connection.execute(IMAGE_USES.insert().values(row))

    def all(self) -> dict[str, ImageUse]:
        """By image id."""
        with self._database.read() as connection:
            rows = connection.execute(select(IMAGE_USES)).mappings()
            return {row["image_id"]: ImageUse(**row) for row in rows}

    def forget(self, image_id: str) -> None:
        with self._database.write() as connection:
            connection.execute(delete(IMAGE_USES).where(IMAGE_USES.c.image_id == image_id))
