"""A tornado route table as the paths, methods and parameters of an API. Pure."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tornado.web import RequestHandler

from .operation import Operation, operation_of

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
_GROUP = re.compile(r"\((?!\?)[^()]*\)")

#: As it is given to tornado: pattern, handler, and perhaps the handler's arguments.
Route = tuple[Any, ...]


@dataclass(frozen=True)
class Endpoint:
    """One method of one path. `parameters` are the path's, in order."""

    path: str
    method: str
    handler: type[RequestHandler]
    parameters: tuple[str, ...]
    pattern: str

    @property
    def function(self) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(self.handler, self.method)
        return found

    @property
    def operation(self) -> Operation | None:
        return operation_of(self.function)

    @property
    def described(self) -> Operation:
        """Raises LookupError where nothing is said."""
        if self.operation is None:
            raise LookupError(f"{self.method} {self.path} has no @operation")
        return self.operation

    @property
    def name(self) -> str:
        """Unique in the API: `get_runtimes_name_logs`."""
        return "_".join([self.method, *re.findall(r"[a-z0-9]+", self.path)])


def endpoints(routes: Iterable[Route]) -> Iterator[Endpoint]:
    """Every method of every route; one that is there under two patterns (`` and `/`) once."""
    seen: set[tuple[str, str]] = set()
    for pattern, handler, *_ in routes:
        for method in methods(handler):
            parameters = _parameters(getattr(handler, method))
            path = _path(str(pattern), parameters)
            if (path, method) not in seen:
                seen.add((path, method))
                yield Endpoint(path, method, handler, parameters, str(pattern))


def methods(handler: type[RequestHandler]) -> Iterator[str]:
    """Those that the handler answers with more than 405."""
    for method in METHODS:
        if getattr(handler, method) is not getattr(RequestHandler, method):
            yield method


def filled(endpoint: Endpoint, values: Mapping[str, str]) -> str:
    """The path with these values, or the parameter's own name, in place of its parameters."""
    path = endpoint.path
    for name in endpoint.parameters:
        path = path.replace(f"{{{name}}}", values.get(name, name))
    return path


def _parameters(method: Callable[..., Any]) -> tuple[str, ...]:
    """Tornado passes what a pattern's groups matched in order: the method's names are theirs."""
    return tuple(inspect.signature(method).parameters)[1:]


def _path(pattern: str, parameters: Iterable[str]) -> str:
    names = iter(parameters)
    path = _GROUP.sub(lambda _match: f"{{{next(names)}}}", pattern.removesuffix("$"))
    return path.replace("\\", "") or "/"
