"""Who a token makes an admin."""

import pytest

from runtiles.contract.errors import NotAllowed
from runtiles.service.access import Caller


def caller(*scopes: str, kind: str = "user") -> Caller:
    return Caller("ann", kind, frozenset(scopes), "token")


@pytest.mark.parametrize(
    "scopes", [("servers",), ("servers", "list:users"), ("servers", "servers!user=ann")]
)
def test_who_manages_everybodys_servers_is_an_admin(scopes: tuple[str, ...]) -> None:
    assert caller(*scopes).is_admin
    assert caller(*scopes, kind="service").is_admin
    caller(*scopes).require_admin()


@pytest.mark.parametrize(
    "scopes",
    [
        (),
        ("servers!user=ann",),
        ("servers!user",),
        ("servers!group=all",),
        ("servers!server=ann/lab",),
        ("read:servers",),
        ("start:servers", "delete:servers", "list:users"),
        ("admin:server_state",),
    ],
)
def test_a_part_of_them_is_not_enough(scopes: tuple[str, ...]) -> None:
    assert not caller(*scopes).is_admin
    with pytest.raises(NotAllowed) as refused:
        caller(*scopes).require_admin()
    assert refused.value.details == {"scope": "servers"}
