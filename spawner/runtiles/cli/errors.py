"""What ends a command, as exit codes say it: 1 for what failed, 2 for what was asked wrongly."""

from typing import Any, Dict, Mapping, Optional

from runtiles.contract.errors import RuntilesError

FAILED = 1
BAD_USAGE = 2
INTERRUPTED = 130


class CliError(RuntilesError):
    """Foreseeable trouble: told in a sentence, with a hint where there is one, never as a traceback."""

    exit_code = FAILED


class BadUsage(CliError):
    """The command line is wrong; nothing was asked of anybody."""

    code = "bad_usage"
    exit_code = BAD_USAGE


class NotLoggedIn(CliError):
    code = "not_logged_in"


class Unreachable(CliError):
    """Nobody answered, or somebody who is not the Runtiles service."""

    code = "unreachable"


class ApiError(CliError):
    """The service's own error. `fields` has an entry per field that it refused."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        hint: str = "",
        details: Optional[Mapping[str, Any]] = None,
    ) -> None:
        super().__init__(message, hint=hint, details=details)
        self.status = status
        self.code = code
        self.exit_code = BAD_USAGE if code == "invalid_request" else FAILED

    @property
    def fields(self) -> Dict[str, str]:
        found = self.details.get("fields")
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
