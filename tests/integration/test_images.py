"""Any image with Python works, and one without says what to add."""

import pytest

from tests.fixtures.images import MakeImage
from tests.fixtures.registry import Registry
from tests.integration.site import Person, Site

pytestmark = pytest.mark.engine


def test_a_bare_debian_image_runs(person: Person, debian: str) -> None:
    person.ready("plain", image=debian)
    phases = [event["phase"] for event in person.events()]
    assert "preparing" in phases or _layered_before(person)
    assert "4" in person.python("print(2 + 2)")


def test_an_image_with_only_the_classic_notebook_runs_its_own_command(
    person: Person, test_image: MakeImage
) -> None:
    person.ready(
        "plain",
        image=test_image("classic"),
        command="jupyter notebook --allow-root --ip=0.0.0.0 --no-browser"
        " --NotebookApp.trust_xheaders=True --NotebookApp.disable_check_xsrf=False"
        " --NotebookApp.allow_remote_access=True --NotebookApp.allow_origin='*'",
    )
    # The image's own packages are what the kernel sees.
    assert "6." in person.python("import notebook; print(notebook.__version__)")


def test_an_image_of_another_user_runs_as_that_user(person: Person, test_image: MakeImage) -> None:
    person.ready("plain", image=test_image("non-root"), container_user="jovyan")
    assert "4242" in person.python("import os; print(os.getuid())")
    assert "green" in person.python("import os; print(os.environ['COLOUR'])")


def test_an_image_without_python_says_what_to_add(person: Person, test_image: MakeImage) -> None:
    last = person.fails("plain", image=test_image("no-python"))
    assert last["details"]["code"] == "no_python"
    assert "Python" in last["message"] + last["details"]["hint"]


@pytest.mark.registry
def test_an_image_from_a_private_registry(
    person: Person, site: Site, private_registry: Registry, own_image: str
) -> None:
    assert private_registry.auth is not None
    name = f"{private_registry.host}/team/lab:1"
    private_registry.push(own_image, "team/lab:1")
    login = {"username": private_registry.auth.username, "password": private_registry.auth.password}

    refused = person.fails("plain", "no-login", image=name)
    assert refused["details"]["code"] == "registry_denied"
    wrong = person.fails(
        "plain", "wrong-login", image=name, registry={**login, "password": "wrong-0815"}
    )
    assert wrong["details"]["code"] == "registry_denied"
    assert "wrong-0815" not in str(wrong) + site.hub.log

    person.ready("plain", image=name, registry=login)
    assert any(event["phase"] == "pulling" for event in person.events())
    person.stop()
    # It is on the host now; somebody without a login still does not get it.
    other = site.person().fails("plain", image=name)
    assert other["details"]["code"] == "registry_denied"


@pytest.mark.registry
def test_an_image_that_is_not_in_the_registry(person: Person, open_registry: Registry) -> None:
    last = person.fails("plain", image=f"{open_registry.host}/team/nothing:1")
    assert last["details"]["code"] == "image_not_found"


def _layered_before(person: Person) -> bool:
    """The layer was cached by an earlier test or run."""
    (container,) = person.site.containers(person.name)
    labels = person.site.engine.inspect_container(container["Id"])["Config"]["Labels"]
    return "org.runtiles.layer-of" in labels
