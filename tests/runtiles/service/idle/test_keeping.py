"""A part of it that fails, and the others."""

import asyncio

import pytest

from runtiles.service.idle import keeping


async def test_a_part_that_fails_begins_anew_and_keeps_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeping, "_AGAIN_S", 0.01)
    tries, done = [], asyncio.Event()

    async def fails() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise KeyError("nobody thought of it")
        done.set()

    async def goes_on() -> None:
        await done.wait()

    both = asyncio.gather(keeping._kept(fails), keeping._kept(goes_on))
    await asyncio.wait_for(both, 60)
    assert len(tries) == 3
    assert len(caplog.records) == 2
