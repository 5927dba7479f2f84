from runtiles.store import Store


def test_a_fact_is_replaced_as_a_whole(store: Store) -> None:
    assert store.facts.read("gpus") is None
    store.facts.publish("gpus", {"a": 1, "b": 2})
    store.facts.publish("gpus", {"a": 3})
    fact = store.facts.read("gpus")
    assert fact is not None
    assert fact.value == {"a": 3}
    assert fact.at > 0
