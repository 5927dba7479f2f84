"""`@jupyterlab/services` from Node.js, as in VS Code, with nothing but the address of `runtiles url`."""

import json

import pytest

from tests.fixtures.node import Node
from tests.integration.site import Person

pytestmark = [pytest.mark.engine, pytest.mark.node]


@pytest.mark.parametrize("name", ["lab", "default"])
def test_the_address_is_all_that_vs_code_needs(person: Person, node: Node, name: str) -> None:
    person.ready("plain", name)
    with person.api as api:
        answer = api.post(f"/runtimes/{name}/access", json={"expires_in": 300})
    assert answer.status_code == 201, answer.text
    access = answer.json()
    printed = node.run("drive.mjs", f"{access['url']}?token={access['token']}\n")
    done = json.loads(printed.splitlines()[-1])
    assert done["kernelspecs"] == ["python3"]
    assert done["sum"] == {"status": "ok", "outputs": ["hello\n", "42"]}
    assert done["interrupted"] == {"status": "error", "outputs": ["begun\n", "KeyboardInterrupt"]}
    assert done["after"] == {"status": "ok", "outputs": ["'alive'"]}
    assert done["left"] == 0


def test_the_same_program_fails_without_the_token(person: Person, node: Node) -> None:
    runtime = person.ready("plain")
    address = f"{person.site.hub.origin}{runtime['url']}?token={'0' * 32}"
    with pytest.raises(AssertionError, match="The server refuses the address"):
        node.run("drive.mjs", address)
