"""Kernels in two runtimes of one person, and what is asked of the service to copy between them."""

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from tests.integration.site import Person, execute


@dataclass(frozen=True)
class Kernel:
    """A kernel that stays, in the runtime of this name."""

    person: Person
    runtime: str
    id: str

    @classmethod
    def start(cls, person: Person, runtime: str) -> "Kernel":
        """One that answers. Before, it may find a port taken and be started again: then what is asked of it
        is lost, and an errand that is under way says that the kernel is gone."""
        answer = httpx.post(
            f"{person.site.hub.origin}/user/{person.name}/{runtime}/api/kernels",
            headers={"Authorization": f"token {person.token}"},
            json={},
            timeout=60,
        )
        assert answer.status_code == 201, answer.text
        started = cls(person, runtime, answer.json()["id"])
        started.run("pass")
        return started

    def run(self, code: str) -> str:
        # A kernel drops a message that is the same, byte for byte, as one before.
        code = f"{code}\n# {uuid.uuid4()}"
        server = f"{self.person.site.hub.origin}/user/{self.person.name}/{self.runtime}"
        return asyncio.run(execute(server, self.person.token, self.id, code)).strip()


def transfer(source: Kernel, target: Kernel, **wanted: Any) -> httpx.Response:
    to = {"runtime": target.runtime, "kernel": target.id}
    with source.person.api as api:
        return api.post(
            f"/runtimes/{source.runtime}/transfer",
            json={"from": {"kernel": source.id}, "to": to, **wanted},
            timeout=600,
        )


def transferred(source: Kernel, target: Kernel, **wanted: Any) -> dict[str, Any]:
    answer = transfer(source, target, **wanted)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result
