"""A stream of the service, listened to over its restarts."""

import time
from typing import Callable, Iterator, Optional

from .errors import ApiError, CliError, Unreachable
from .sse import ServerEvent

#: How long a service that went away may take to come back.
_PATIENCE_S = 60.0
_WAIT_S = 1.0


def listen(opened: Callable[[], Iterator[ServerEvent]], what: str) -> Iterator[ServerEvent]:
    """The events of the stream, which is opened again whenever it ends; without end.

    `what` is reported: for the message. Raises CliError when the service stays away, or refuses.
    """
    silent_since: Optional[float] = None
    while True:
        try:
            for message in opened():
                silent_since = None
                yield message
            problem: CliError = Unreachable(f"The service ended the report of {what} early.")
        except Unreachable as error:
            problem = error
        except ApiError as error:
            if error.status < 500:
                raise
            problem = error
        silent_since = silent_since or time.monotonic()
        if time.monotonic() - silent_since > _PATIENCE_S:
            raise problem
        time.sleep(_WAIT_S)
