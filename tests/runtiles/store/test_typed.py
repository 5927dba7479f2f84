from runtiles.store import Store, detach, forget_abandoned, forget_typed

OPTIONS = {
    "tile": "py",
    "workspace": {"url": "https://git.example/x.git", "username": "a", "password": "hunter2"},
    "registry": {"username": "a", "password": "secret:mine"},
    "environment": {"HF_TOKEN": "hf_abc", "PLAIN": "1"},
}


def test_what_was_typed_is_replaced_and_what_was_stored_is_left() -> None:
    typed = detach(OPTIONS, "gpu")
    assert typed.options["workspace"]["password"] == "secret:launch-gpu--workspace"
    assert typed.options["registry"]["password"] == "secret:mine"
    assert typed.options["environment"] == {
        "HF_TOKEN": "secret:launch-gpu--environment-HF_TOKEN",
        "PLAIN": "1",
    }
    assert typed.values == {
        "launch-gpu--workspace": "hunter2",
        "launch-gpu--environment-HF_TOKEN": "hf_abc",
    }
    assert OPTIONS["workspace"]["password"] == "hunter2"  # type: ignore[index]
    assert "hunter2" not in repr(typed)


def test_any_name_and_any_options_give_names_that_can_be_stored(store: Store) -> None:
    for runtime in ("a b/c", "é" * 300, "x"):
        typed = detach({**OPTIONS, "environment": {"API_KEY\n": "v"}}, runtime)
        typed.keep(store.secrets, "ann")
    assert detach({"workspace": "text", "environment": []}, "x").values == {}


def test_a_runtimes_own_secrets_go_with_it_and_no_others(store: Store) -> None:
    store.secrets.put("ann", "mine", "x")
    for runtime in ("gpu", "gpu-2"):
        detach(OPTIONS, runtime).keep(store.secrets, "ann")
    detach(OPTIONS, "gpu").keep(store.secrets, "bob")
    forget_typed(store.secrets, "ann", "gpu")
    assert [info.name for info in store.secrets.list("ann")] == [
        "launch-gpu-2--environment-HF_TOKEN",
        "launch-gpu-2--workspace",
        "mine",
    ]
    assert len(store.secrets.list("bob")) == 2


def test_what_was_typed_for_a_launch_that_never_was_is_forgotten(store: Store) -> None:
    for name in ("launch-gone--workspace", "launch-a-b--registry", "launch--x", "mine"):
        store.secrets.put("ada", name, "value")
    store.secrets.put("bob", "launch-a-b--registry", "value")
    store.secrets.put("team", "launch-gone--workspace", "value", kind="team")
    store.launches.record("ada", "a-b", "1", options={}, spec={})
    forget_abandoned(store.secrets, store.launches, older_than=60)
    assert len(store.secrets.all()) == 6
    forget_abandoned(store.secrets, store.launches, older_than=0)
    kept = {(info.owner, info.name) for info in store.secrets.all()}
    assert kept == {
        ("ada", "launch-a-b--registry"),
        ("ada", "launch--x"),
        ("ada", "mine"),
        ("team", "launch-gone--workspace"),
    }
