"""Moments as the API writes and takes them: ISO 8601."""

from datetime import datetime, timezone


def parse_moment(text: str) -> float:
    """Seconds since the epoch; UTC, unless it says otherwise. Raises ValueError."""
    # Before Python 3.11 no Z is read.
    iso = f"{text[:-1]}+00:00" if text[-1:] in ("z", "Z") else text
    found = datetime.fromisoformat(iso)
    return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp()
