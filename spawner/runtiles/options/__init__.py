"""THE validation gate: whatever was posted, typed or linked to becomes a LaunchRequest or is refused.

One function, `validate`, for the form, the REST body and the URL alike. Parts: shape.py (is it JSON of
a sane size), request.py (the fields), site_rules.py (what this site allows), forms.py (form and URL to
options), passwords.py (what must become a secret before anything is stored).
"""

from .forms import FORM_FIELDS, form_to_options, query_to_options
from .gate import for_another, to_user_options, validate, within_limits
from .passwords import plaintext_passwords, replace_passwords
from .request import (
    IdleRequest,
    LaunchRequest,
    MountRequest,
    RegistryRequest,
    WorkspaceRequest,
)

__all__ = [
    "FORM_FIELDS",
    "IdleRequest",
    "LaunchRequest",
    "MountRequest",
    "RegistryRequest",
    "WorkspaceRequest",
    "for_another",
    "form_to_options",
    "plaintext_passwords",
    "query_to_options",
    "replace_passwords",
    "to_user_options",
    "validate",
    "within_limits",
]
