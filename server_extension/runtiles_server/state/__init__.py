"""Capture and restore of a kernel's whole session: in any kernel, with the standard library alone."""

from .checking import check, verify
from .errors import Altered, NamesClash, Refused, SnapshotError, Unreadable, Unwritable
from .loading import load
from .manifest import Loss, Manifest, Report, Variable
from .placeholders import Lost, LostObjectError
from .saving import plan, save

__all__ = [
    "Altered",
    "Loss",
    "Lost",
    "LostObjectError",
    "Manifest",
    "NamesClash",
    "Refused",
    "Report",
    "SnapshotError",
    "Unreadable",
    "Unwritable",
    "Variable",
    "check",
    "load",
    "plan",
    "save",
    "verify",
]
