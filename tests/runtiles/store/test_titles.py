from runtiles.store import Store


def test_a_title_is_put_replaced_and_forgotten(store: Store) -> None:
    store.titles.put("ann", "lab", "First")
    store.titles.put("ann", "lab", "Second")
    store.titles.put("ann", "", "<b>é\u20ac</b>")
    store.titles.put("bob", "lab", "Bob's")
    assert store.titles.all("ann") == {
        ("ann", "lab"): "Second",
        ("ann", ""): "<b>é\u20ac</b>",
    }
    assert store.titles.all()["bob", "lab"] == "Bob's"
    store.titles.put("ann", "lab", "")
    store.titles.put("ann", "never", "")
    assert store.titles.all("ann") == {("ann", ""): "<b>é\u20ac</b>"}
    assert store.titles.all("eve") == {}


def test_a_title_goes_with_its_runtime(store: Store) -> None:
    store.titles.put("ann", "lab", "Title")
    store.titles.put("ann", "gpu", "Other")
    store.launches.forget("ann", "lab")
    assert store.titles.all("ann") == {("ann", "gpu"): "Other"}
