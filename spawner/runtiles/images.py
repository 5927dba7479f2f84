"""Image references: `[registry/]repository[:tag][@digest]`, matched as a whole, digest-aware."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

DOCKER_HUB = "docker.io"
_ALIASES = {"index.docker.io": DOCKER_HUB, "registry-1.docker.io": DOCKER_HUB}
_MAX_LENGTH = 512
_MAX_REPOSITORY = 255

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_REGISTRY = re.compile(
    rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:]+\])(?::(?P<port>[0-9]{{1,5}}))?"
)
_PART = re.compile(r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ImageRef:
    """A reference in normal form: the registry is spelled out, and there is a tag or a digest.

    A tag beside a digest is dropped: the digest alone decides what is pulled. `str()` is what an
    engine is asked for; parsing it again gives an equal reference.
    """

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> "ImageRef":
        """Raises ValueError with a message for the person who typed it."""
        if not isinstance(text, str) or not text or len(text) > _MAX_LENGTH:
            raise ValueError(f"must be an image name of 1 to {_MAX_LENGTH} characters")
        name, at, digest = text.partition("@")
        if at and not _DIGEST.fullmatch(digest):
            raise ValueError("has a digest that is not 'sha256:' and 64 hexadecimal digits")
        name, tag = _split_tag(name)
        registry, repository = _split_registry(name)
        _check_repository(registry, repository)
        return cls(registry, repository, "" if digest else tag or "latest", digest)

    def __str__(self) -> str:
        return f"{self.registry}/{self.repository}{self._suffix}"

    @property
    def familiar(self) -> str:
        """As people write it: without the default registry, and without `library/`."""
        if self.registry != DOCKER_HUB:
            return str(self)
        return self.repository.removeprefix("library/") + self._suffix

    @property
    def _suffix(self) -> str:
        return f"@{self.digest}" if self.digest else f":{self.tag}"

    def matches(self, patterns: Iterable[str]) -> bool:
        """One of the patterns (`*`, `?`, `[...]`) covers the whole reference.

        The registry is compared by itself: no `*` of a path can stand for a registry, nor the other
        way round. A pattern that names no registry speaks of Docker Hub (`jupyter/*`), one without a
        tag or digest covers all of them, and `*` alone covers every image.
        """
        return any(pattern == "*" or self._covered_by(pattern) for pattern in patterns)

    def _covered_by(self, pattern: str) -> bool:
        registry, name = _split_registry_pattern(pattern)
        whole = f"{self.repository}{self._suffix}"
        return fnmatchcase(self.registry, registry) and (
            fnmatchcase(whole, name) or fnmatchcase(self.repository, name)
        )


def _split_tag(name: str) -> tuple[str, str]:
    head, colon, tag = name.rpartition(":")
    # The colon of `localhost:5000/image` belongs to the registry.
    if not colon or "/" in tag:
        return name, ""
    if not _TAG.fullmatch(tag):
        raise ValueError("has a tag that is not 1 to 128 letters, digits, '_', '.' or '-'")
    return head, tag


def _split_registry(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    if slash and (any(c in first for c in ".:[") or first == "localhost" or first.lower() != first):
        match = _REGISTRY.fullmatch(first)
        if not match or int(match["port"] or 0) > 65535:
            raise ValueError("has a registry that is not a host name, optionally with a port")
        registry = first.lower()
        registry, repository = _ALIASES.get(registry, registry), rest
    else:
        registry, repository = DOCKER_HUB, name
    if registry == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    return registry, repository


def _split_registry_pattern(pattern: str) -> tuple[str, str]:
    first, slash, rest = pattern.partition("/")
    if slash and (any(c in first for c in ".:") or first == "localhost"):
        return _ALIASES.get(first.lower(), first.lower()), rest
    return DOCKER_HUB, pattern if slash else f"library/{pattern}"


def _check_repository(registry: str, repository: str) -> None:
    if not all(_PART.fullmatch(part) for part in repository.split("/")):
        raise ValueError(
            "must be an image name: lower-case letters, digits and single '.', '_', '-' or '/'"
            " between them, then optionally ':tag' or '@sha256:digest'"
        )
    if len(registry) + 1 + len(repository) > _MAX_REPOSITORY:
        raise ValueError(f"has a name longer than {_MAX_REPOSITORY} characters")
    if _ID.fullmatch(repository.removeprefix("library/")):
        raise ValueError("must be a name, not the id of an image")
