"""What a kernel is at, request by request: it may be done with one while it works on another."""

import json
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional

_DELIMITER = b"<IDS|MSG>"
#: After the delimiter: the signature, the header, the parent's header, metadata, the content.
_HEADER, _PARENT, _CONTENT = 2, 3, 5
#: Asked on the control channel, by programs and in the middle of anything: nobody's work.
_POLLS = (
    "usage_request",
    "create_subshell_request",
    "delete_subshell_request",
    "list_subshell_request",
)
_MARKS = tuple(each.encode() for each in _POLLS)


class _Lane(NamedTuple):
    """Of these a kernel does one at a time. Cells are apart from the rest: a kernel may answer, say, a
    completion while a cell runs."""

    subshell: str
    is_cell: bool


class Requests:
    """The requests that one kernel began and did not end. `counts`: is one of this type work at all?"""

    def __init__(self, counts: Callable[[str], bool]) -> None:
        self._counts = counts
        self._open: Dict[str, _Lane] = {}

    def forget(self) -> None:
        """The process is another one: what the old one was at is over."""
        self._open.clear()

    def is_news(self, message: List[bytes]) -> bool:
        """Is this word of the kernel one for Jupyter's record, which takes the last status for the
        kernel's? Not that it is done with one of several, nor what a poll on the control channel caused."""
        try:
            at = message.index(_DELIMITER)
            header, parent = message[at + _HEADER], message[at + _PARENT]
            if _is_poll(parent):
                return False
            # Most messages are output: those are not taken apart.
            if b'"status"' not in header or json.loads(header)["msg_type"] != "status":
                return True
            state = json.loads(message[at + _CONTENT])["execution_state"]
            return self._is_last_word(state, json.loads(parent))
        except (ValueError, IndexError, KeyError, TypeError, AttributeError):
            return True

    def _is_last_word(self, state: str, parent: Mapping[str, Any]) -> bool:
        if state == "starting":
            self.forget()
        request, kind = parent.get("msg_id"), parent.get("msg_type")
        if not request or not kind or not self._counts(kind):
            return True
        if state == "busy":
            self._begin(request, _Lane(parent.get("subshell_id") or "", kind == "execute_request"))
        elif state == "idle":
            self._open.pop(request, None)
            return not self._open
        return True

    def _begin(self, request: str, lane: _Lane) -> None:
        # A kernel that prints more than can be taken loses words; its next request mends it.
        self._open = {key: other for key, other in self._open.items() if other != lane}
        self._open[request] = lane


def _is_poll(parent: bytes) -> bool:
    if not any(mark in parent for mark in _MARKS):
        return False
    found: Optional[str] = json.loads(parent).get("msg_type")
    return found in _POLLS
