"""A folder of somebody's own machine becomes the workspace of a runtime, once."""

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.integration.site import Person

pytestmark = pytest.mark.engine


def packed(**files: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(f"project/{name}.py")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def upload(person: Person, data: bytes) -> str:
    with person.api as api:
        answer = api.post("/contexts", content=data, headers={"Content-Type": "application/gzip"})
    assert answer.status_code == 201, answer.text
    return f"context:{answer.json()['id']}"


def test_an_uploaded_folder_is_unpacked_once(person: Person) -> None:
    url = upload(person, packed(main="print('hello')"))
    person.ready("plain", workspace={"url": url})
    messages = [event.get("message", "") for event in person.events()]
    assert "Unpacking your files" in messages
    assert person.files() == ["project"]
    assert person.python("print(open('project/main.py').read())") == "print('hello')\n"

    work = {"type": "file", "format": "text", "content": "changed"}
    assert person.put("api/contents/project/main.py", work).status_code == 200
    with person.api as api:
        api.delete(f"/contexts/{url.partition(':')[2]}")
    person.stop()
    with person.api as api:
        assert api.post("/runtimes/lab/start").status_code < 300
    person.wait_for("running")
    assert person.server("api/contents/project/main.py").json()["content"] == "changed"


def test_one_that_is_gone_or_bad_leaves_a_notice_and_a_server(person: Person) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../evil"))
    person.ready("plain", workspace={"url": upload(person, out.getvalue())})
    assert person.files() == ["RUNTILES-NOTICE.md"]
    notice = person.server("api/contents/RUNTILES-NOTICE.md").json()["content"]
    assert "'../evil' is no name of a file inside the folder" in notice


def test_from_a_folder_to_a_runtime_with_the_command_line(person: Person, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "sub").mkdir(parents=True)
    (project / "sub" / "a.py").write_text("print(6 * 7)")
    (project / "secret.env").write_text("KEY=1")
    (project / "link").symlink_to("sub/a.py")
    (project / ".runtilesignore").write_text("*.env\n")
    words = ["start", "plain", "--name", "lab", "--context", str(project), "--no-browser"]
    ran = subprocess.run(
        [sys.executable, "-m", "runtiles.cli", *words],
        env={
            **os.environ,
            "RUNTILES_URL": person.site.hub.origin,
            "RUNTILES_TOKEN": person.token,
            "XDG_CONFIG_HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert person.python("print(open('link').read())").strip() == "print(6 * 7)"
    assert "secret.env" not in person.files()
