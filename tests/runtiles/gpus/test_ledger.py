"""The rules of ledger.py, by name."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from runtiles.contract.errors import NoGpu
from runtiles.gpus import Gpu, Ledger, Wish

A100, T4 = "NVIDIA A100-SXM4-80GB", "Tesla T4"
HOST = [Gpu("GPU-a1", A100), Gpu("GPU-a2", A100), Gpu("GPU-t1", T4)]


def test_first_come_first_served_among_wishes_that_compete() -> None:
    ledger = Ledger(HOST)
    ledger.enqueue(Wish("ada/", 1, ("A100",)))
    ledger.grant()
    ledger.enqueue(Wish("big/", 2, ("A100",)))
    ledger.enqueue(Wish("late/", 1, ("A100",)))
    assert ledger.grant() == {}
    assert (ledger.position("big/"), ledger.position("late/")) == (1, 2)
    ledger.release("ada/")
    assert set(ledger.grant()) == {"big/"}


def test_a_wish_for_another_model_need_not_wait_behind_it() -> None:
    ledger = Ledger(HOST)
    ledger.enqueue(Wish("ada/", 2, ("A100",)))
    ledger.grant()
    ledger.enqueue(Wish("big/", 2, ("A100",)))
    ledger.enqueue(Wish("small/", 1, ("T4",)))
    assert ledger.grant() == {"small/": ("GPU-t1",)}


@pytest.mark.parametrize(
    "wish", [Wish("x/", 4), Wish("x/", 3, ("A100",)), Wish("x/", 1, ("H100",))]
)
def test_a_wish_that_the_host_could_never_grant_is_refused_at_once(wish: Wish) -> None:
    with pytest.raises(NoGpu):
        Ledger(HOST).enqueue(wish)


def test_a_holder_has_one_lease() -> None:
    ledger = Ledger(HOST)
    ledger.enqueue(Wish("ada/", 1))
    first = ledger.grant()
    ledger.enqueue(Wish("ada/", 1))
    assert ledger.grant() == first


def test_leases_found_on_the_host_count() -> None:
    ledger = Ledger(HOST, {"ada/": ["GPU-a1", "GPU-gone"], "bob/": ["GPU-gone"]})
    assert ledger.leases == {"ada/": ("GPU-a1",)}
    assert ledger.count() == (2, 3)
    assert ledger.count(("a100",)) == (1, 2)


@pytest.mark.parametrize(
    ("model", "name", "accepted"),
    [
        ("A100", "NVIDIA A100-SXM4-80GB", True),
        ("a100-80g", "NVIDIA A100-SXM4-80GB", True),
        ("A100-40G", "NVIDIA A100-SXM4-80GB", False),
        ("A10", "NVIDIA A100-SXM4-80GB", False),
        ("A10", "NVIDIA A10", True),
        ("L4", "NVIDIA L40S", False),
        ("V100-32GiB", "Tesla V100-SXM2-32GB", True),
        ("Quadro P4000", "Quadro P4000", True),
        ("P4000", "", False),
    ],
)
def test_models_are_told_apart(model: str, name: str, accepted: bool) -> None:
    assert Wish("x/", 1, (model,)).accepts(Gpu("GPU-1", name)) is accepted


HOLDERS = st.sampled_from([f"user{n}/" for n in range(6)])


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens in whatever order, no GPU is lost and none is given twice."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger(HOST)
        self.waiting: set[str] = set()

    @rule(holder=HOLDERS, count=st.integers(1, 3), model=st.sampled_from(["", "A100", "T4"]))
    def wish(self, holder: str, count: int, model: str) -> None:
        try:
            self.ledger.enqueue(Wish(holder, count, (model,) if model else ()))
        except NoGpu:
            return
        self.waiting.add(holder)

    @rule()
    def grant(self) -> None:
        self.waiting -= set(self.ledger.grant())

    @rule(holder=HOLDERS)
    def release(self, holder: str) -> None:
        self.ledger.release(holder)
        self.waiting.discard(holder)

    @invariant()
    def a_gpu_has_one_holder_at_most_and_every_gpu_is_either_free_or_held(self) -> None:
        held = [uuid for uuids in self.ledger.leases.values() for uuid in uuids]
        free = [gpu.uuid for gpu in self.ledger.free()]
        assert sorted(held + free) == sorted(gpu.uuid for gpu in HOST)

    def teardown(self) -> None:
        """Nobody waits for ever: when all give back, everyone who waits gets a turn."""
        for _ in range(20):
            self.waiting -= set(self.ledger.grant())
            for holder in list(self.ledger.leases):
                if holder not in self.waiting:
                    self.ledger.release(holder)
        self.ledger.grant()
        assert all(self.ledger.position(holder) is None for holder in self.waiting)


AnyOrder.TestCase.settings = settings(max_examples=100, stateful_step_count=20)
TestAnyOrder = AnyOrder.TestCase
