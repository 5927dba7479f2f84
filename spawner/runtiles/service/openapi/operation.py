"""`@operation`: what the document says of a handler's method beyond its path and its name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field

from runtiles.contract.errors import RuntilesError

_ATTRIBUTE = "__operation__"
JSON = "application/json"
_Method = TypeVar("_Method", bound=Callable[..., Any])

#: Who may call: anybody; whoever the Hub knows and lets use the service; a runtime with the token of its
#: own server; an admin.
Access = Literal["public", "caller", "runtime", "admin"]


@dataclass(frozen=True)
class Query:
    """A parameter of the query, or a header. `kind` is what a well-formed value is: any type that
    pydantic knows."""

    name: str
    description: str
    kind: Any = str
    required: bool = False


#: Read by `ApiHandler.owner`, and by `ApiHandler.flag`.
USER = Query("user", "Whose things: the caller's own if left out")
FLAG = Literal["0", "1"]

#: Read by `AdminHandler.page`.
PAGE = (
    Query("offset", "How many to leave out", Annotated[int, Field(ge=0, le=10**9)]),
    Query("limit", "How many to answer at most", Annotated[int, Field(ge=0, le=500)]),
)


@dataclass(frozen=True)
class Operation:
    """`answer` and `body` are types that pydantic knows; an `answer` of None is no content.

    `content` has the types of answers that are not JSON, by media type. `also` are further successes
    without content and what they mean. `path` says what is special about parameters of the path,
    `scopes` what the token needs on the things that the call is about. `errors` are those that do not
    go without saying: see `failures.errors_of`.
    """

    summary: str
    answer: Any = None
    status: int = 200
    content: Mapping[str, Any] = field(default_factory=dict)
    also: Mapping[int, str] = field(default_factory=dict)
    body: Any = None
    body_type: str = JSON
    body_required: bool = True
    query: tuple[Query, ...] = ()
    headers: tuple[Query, ...] = ()
    path: Mapping[str, Any] = field(default_factory=dict)
    errors: tuple[type[RuntilesError], ...] = ()
    scopes: tuple[str, ...] = ()
    access: Access = "caller"


def operation(
    summary: str,
    *,
    query: Sequence[Query] = (),
    errors: Sequence[type[RuntilesError]] = (),
    scopes: Sequence[str] = (),
    **more: Any,
) -> Callable[[_Method], _Method]:
    """Decorates a handler's method; the method stays as it is. `more` are fields of `Operation`."""
    described = Operation(
        summary, query=tuple(query), errors=tuple(errors), scopes=tuple(scopes), **more
    )

    def decorate(method: _Method) -> _Method:
        setattr(method, _ATTRIBUTE, described)
        return method

    return decorate


def operation_of(method: Callable[..., Any]) -> Operation | None:
    """What was said of the method, None for nothing."""
    found: Operation | None = getattr(method, _ATTRIBUTE, None)
    return found
