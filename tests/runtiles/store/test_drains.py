import pytest

from runtiles.contract.errors import ServiceUnavailable
from runtiles.store import Store
from runtiles.store.drains import Drain, DrainState


@pytest.mark.parametrize("state", ["open", "resuming"])
def test_launches_are_accepted(store: Store, state: DrainState) -> None:
    assert store.drains.current().refusal == ""
    store.drains.set(Drain(state, message="Back at noon."))
    assert store.drains.current().refusal == ""
    store.drains.check_open()


@pytest.mark.parametrize("state", ["draining", "drained"])
def test_launches_are_refused_in_the_admins_words(store: Store, state: DrainState) -> None:
    store.drains.set(Drain(state, message="Back at noon."))
    with pytest.raises(ServiceUnavailable) as refused:
        store.drains.check_open()
    assert refused.value.message == "Back at noon."
    assert refused.value.details == {"drain": state}
    store.drains.set(Drain(state))
    assert store.drains.current().refusal == "This site accepts no launches at present."
