from runtiles.store import Store


def test_the_last_use_of_each_image_is_kept(store: Store) -> None:
    store.image_uses.note("sha256:1", "debian:11")
    before = store.image_uses.all()["sha256:1"].last_used
    store.image_uses.note("sha256:2", "debian:12")
    store.image_uses.note("sha256:1", "debian:latest")
    uses = store.image_uses.all()
    assert uses.keys() == {"sha256:1", "sha256:2"}
    assert uses["sha256:1"].reference == "debian:latest"
    assert uses["sha256:1"].last_used > before
    store.image_uses.forget("sha256:1")
    store.image_uses.forget("sha256:none")
    assert store.image_uses.all().keys() == {"sha256:2"}
