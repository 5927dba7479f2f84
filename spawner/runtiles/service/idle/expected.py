"""Whose owners expect an end, and who is to hear that it does not come."""

from dataclasses import dataclass, field

from .watched import Key


@dataclass
class Expected:
    """`relieved` are said once each."""

    _keys: set[Key] = field(default_factory=set)
    #: When, on the wall clock, a service before this one told them; until a report says of which end.
    _told_at: dict[Key, float] = field(default_factory=dict)
    _relieved: list[Key] = field(default_factory=list)

    def __contains__(self, key: Key) -> bool:
        return key in self._keys

    def add(self, key: Key, told_at: float | None = None) -> None:
        self._keys.add(key)
        if told_at is not None:
            self._told_at[key] = told_at

    def told_at(self, key: Key) -> float | None:
        return self._told_at.get(key)

    def settle(self, key: Key) -> None:
        """What was told before is of no more interest."""
        self._told_at.pop(key, None)

    def relieve(self, key: Key) -> None:
        self._keys.discard(key)
        self._told_at.pop(key, None)
        self._relieved.append(key)

    def relieved(self) -> list[Key]:
        found, self._relieved = self._relieved, []
        return found

    @property
    def any_relieved(self) -> bool:
        return bool(self._relieved)
