"""So many in a minute and no more. Pure: the time is handed in."""


class Pace:
    """Lets `per_minute` through in any minute, in bursts of at most a quarter of them."""

    def __init__(self, per_minute: float) -> None:
        self._rate = per_minute / 60.0
        self._most = max(1.0, per_minute / 4)
        self._left = self._most
        self._at: float | None = None

    def wait(self, now: float) -> float:
        """0: go on, it is counted. Else seconds until it is worth asking again."""
        if self._at is not None:
            self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1.0:
            return (1.0 - self._left) / self._rate
        self._left -= 1.0
        return 0.0
