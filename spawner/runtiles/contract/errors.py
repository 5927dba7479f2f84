"""The error tree. Each error carries a message for the person who reads it and, where one is known,
what to do next (`hint`). `code` is stable: clients and tests match on it, never on the text.

Translation to HTTP lives in the service (`service/errors.py`), to the Hub's SpawnException in
`spawners/failures.py`; a library's own exceptions are translated where the library is called.
"""

from typing import Any, Dict, Mapping, Optional


class RuntilesError(Exception):
    """Something a person can be told. Never carries a credential in any field."""

    code = "error"

    def __init__(
        self, message: str, *, hint: str = "", details: Optional[Mapping[str, Any]] = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details: Dict[str, Any] = dict(details or {})

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()

    def to_dict(self) -> Dict[str, Any]:
        """The one error shape of the REST API: code, message, details."""
        details = {**self.details, "hint": self.hint} if self.hint else self.details
        return {"code": self.code, "message": self.message, "details": details}


class InvalidRequest(RuntilesError):
    """Bad input. `fields` has one entry per bad field, dotted for nested ones (`workspace.url`)."""

    code = "invalid_request"

    def __init__(self, fields: Mapping[str, str]) -> None:
        listed = "; ".join(f"{name}: {text}" for name, text in fields.items())
        super().__init__(listed, details={"fields": dict(fields)})
        self.fields = dict(fields)


class NotAllowed(RuntilesError):
    code = "not_allowed"


class NotFound(RuntilesError):
    code = "not_found"


class Conflict(RuntilesError):
    code = "conflict"


class LimitReached(RuntilesError):
    code = "limit_reached"


class CatalogueError(RuntilesError):
    """A tile or machine file is wrong. The message names file and line."""

    code = "catalogue"


class ServiceUnavailable(RuntilesError):
    code = "unavailable"


class LaunchFailed(RuntilesError):
    """A launch ended before the server answered. `log` is the tail of the container's output."""

    code = "launch_failed"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        log: str = "",
        details: Optional[Mapping[str, Any]] = None,
    ) -> None:
        super().__init__(message, hint=hint, details=details)
        self.log = log


class EngineUnavailable(LaunchFailed):
    """The engine does not answer (stopped, restarted in the middle, no permission)."""

    code = "engine_unavailable"


class ImageNotFound(LaunchFailed):
    code = "image_not_found"


class RegistryDenied(LaunchFailed):
    """The registry refused the credentials, or wants some."""

    code = "registry_denied"


class PullFailed(LaunchFailed):
    code = "pull_failed"


class LayerFailed(LaunchFailed):
    """The launcher's layer could not be built onto the image."""

    code = "layer_failed"


class NoPython(LayerFailed):
    code = "no_python"


class NoGpu(LaunchFailed):
    """The machine asks for GPUs that this host will never have."""

    code = "no_gpu"


class NameTaken(LaunchFailed):
    """A container of this name is there and is not ours: another hub's, or somebody's own."""

    code = "name_taken"


class ContainerExited(LaunchFailed):
    """The container ended while starting. `details`: exit_code, oom_killed."""

    code = "container_exited"


class PhaseTimeout(LaunchFailed):
    code = "timeout"


class Cancelled(LaunchFailed):
    code = "cancelled"


class Interrupted(LaunchFailed):
    """Whoever looked after the launch ended before it did."""

    code = "interrupted"
