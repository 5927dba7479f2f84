import pytest

from runtiles_server.command import Execute, Serve, classify

#: The three command lines of the Gradient document, word by word.
GRADIENT_NOTEBOOK_FLAGS = (
    "--no-browser --NotebookApp.trust_xheaders=True --NotebookApp.disable_check_xsrf=False "
    "--NotebookApp.allow_remote_access=True --NotebookApp.allow_origin='*'"
)
GRADIENT_LAB_FLAGS = (
    "--no-browser --LabApp.trust_xheaders=True --LabApp.disable_check_xsrf=False "
    "--LabApp.allow_remote_access=True --LabApp.allow_origin='*'"
)
GRADIENT_DEFAULT = f"jupyter notebook --allow-root --ip=0.0.0.0 {GRADIENT_NOTEBOOK_FLAGS}"


@pytest.mark.parametrize(
    ("command", "ui"),
    [
        ((), "lab"),
        (("jupyter", "lab"), "lab"),
        (("jupyter", "server"), "lab"),
        (("jupyter", "notebook"), "notebook"),
        (("jupyter", "nbclassic"), "nbclassic"),
        (("jupyter-lab", "--ip=0.0.0.0"), "lab"),
        (("jupyter-notebook",), "notebook"),
        (("/opt/conda/bin/jupyter", "lab"), "lab"),
        (("jupyterhub-singleuser",), "lab"),
        (("python", "-m", "jupyterlab"), "lab"),
        (("/usr/bin/python3.9", "-m", "notebook"), "notebook"),
        (("python3", "-m", "jupyter", "notebook"), "notebook"),
        ((GRADIENT_DEFAULT,), "notebook"),
        ((f"jupyter lab {GRADIENT_LAB_FLAGS}",), "lab"),
    ],
)
def test_a_jupyter_server(command: tuple[str, ...], ui: str) -> None:
    meaning = classify(command)
    assert isinstance(meaning, Serve)
    assert meaning.ui == ui


def test_its_arguments_are_kept() -> None:
    assert classify(("jupyter", "lab", "-y", "x.ipynb")) == Serve("lab", ("-y", "x.ipynb"))
    assert classify((GRADIENT_DEFAULT,)) == Serve(
        "notebook",
        (
            "--allow-root",
            "--ip=0.0.0.0",
            "--no-browser",
            "--NotebookApp.trust_xheaders=True",
            "--NotebookApp.disable_check_xsrf=False",
            "--NotebookApp.allow_remote_access=True",
            "--NotebookApp.allow_origin=*",
        ),
    )


@pytest.mark.parametrize(
    "command",
    [
        ("bash", "-c", "pip install x && jupyter lab"),
        ("jupyter", "nbconvert", "x.ipynb"),
        ("jupyter",),
        ("jupyter", "--version"),
        ("jupyter", "lab", "--help"),
        ("jupyter", "lab", "build"),
        ("jupyter", "notebook", "list"),
        ("jupyter", "server", "extension", "list"),
        ("python", "app.py"),
        ("python", "-m", "http.server"),
        ("start-notebook.sh",),
        ("/bin/it's broken",),
    ],
)
def test_a_program_of_their_own(command: tuple[str, ...]) -> None:
    assert classify(command) == Execute(command)


def test_a_command_in_one_string() -> None:
    assert classify(("python app.py --name 'a b'",)) == Execute(
        ("python", "app.py", "--name", "a b")
    )
