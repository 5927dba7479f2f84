"""The engine's words about a registry, and what they mean for a person."""

import pytest

from runtiles.contract.errors import ImageNotFound, LaunchFailed, PullFailed, RegistryDenied
from runtiles.engines.registry_errors import registry_error

HUB = (
    "pull access denied for lab/x, repository does not exist or may require 'docker login': "
    "denied: requested access to the resource is denied"
)


@pytest.mark.parametrize(
    ("text", "kind", "hint"),
    [
        ('Head "http://r/v2/x/manifests/1": no basic auth credentials', RegistryDenied, "Add the"),
        ("unauthorized: authentication required", RegistryDenied, "Add the registry's username"),
        ("error parsing HTTP 403 response body: Forbidden", RegistryDenied, "Add the"),
        ("manifest for lab/x:1 not found: manifest unknown", ImageNotFound, "Check the name"),
        (HUB, ImageNotFound, "if the image is private, add"),
        ("dial tcp 127.0.0.1:1: connect: connection refused", PullFailed, "cannot reach"),
        ("dial tcp: lookup r.example.org: no such host", PullFailed, "cannot reach"),
        ("x509: certificate signed by unknown authority", PullFailed, "install its CA"),
        ("http: server gave HTTP response to HTTPS client", PullFailed, "certificate"),
        ("toomanyrequests: You have reached your pull rate limit", PullFailed, "limits anonymous"),
        ("write /var/lib/x: no space left on device", PullFailed, "disk is full"),
        ("no matching manifest for linux/amd64 in the manifest list", PullFailed, "processor"),
        ("something nobody has seen", PullFailed, ""),
    ],
)
def test_without_credentials(text: str, kind: type[LaunchFailed], hint: str) -> None:
    error = registry_error("lab/x:1", text, credentials=False)
    assert type(error) is kind
    assert "lab/x:1" in error.message
    assert hint in error.hint


def test_with_credentials_it_is_about_them() -> None:
    error = registry_error("lab/x:1", "unauthorized: authentication required", credentials=True)
    assert "refused the username and password" in error.message
    assert "add" not in registry_error("lab/x:1", HUB, credentials=True).hint


def test_a_password_is_never_repeated() -> None:
    text = "Get https://alice:sesame@r.example.org/v2/: connection refused"
    error = registry_error("lab/x:1", text, credentials=True, secret="sesame")
    assert "sesame" not in str(error.to_dict())
