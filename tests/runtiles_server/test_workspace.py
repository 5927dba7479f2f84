import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from runtiles.contract.spec import WorkspaceSpec
from runtiles_server.placing import NOTICE_FILE
from runtiles_server.workspace import Workspace, prepare
from tests.fixtures.git_servers import GitServer, NewGitServer
from tests.runtiles_server.told import Told, names

HTTP = ("http", "https")
PASSWORD = "s3cret-pass:word/@ü"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "storage" / "workspaces" / "default"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def private(tmp_path: Path) -> Path:
    private = tmp_path / "private"
    private.mkdir()
    return private


@pytest.fixture
def told() -> Told:
    return Told()


class Preparer:
    """`prepare` with everything but the spec."""

    def __init__(self, folder: Path, private: Path, told: Told) -> None:
        self.folder, self._private, self._told = folder, private, told

    def __call__(self, url: str, ref: str = "", timeout: float = 60, **fields: object) -> Workspace:
        spec = WorkspaceSpec(**{"url": url, "ref": ref, "protocols": HTTP, **fields})  # type: ignore[arg-type]
        return prepare(spec, self.folder, self._private, self._told.reporter, timeout)


@pytest.fixture
def bring(folder: Path, private: Path, told: Told) -> Preparer:
    return Preparer(folder, private, told)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# -- refs -----------------------------------------------------------------------------------------


def test_without_a_ref_the_default_branch_comes_shallow(
    bring: Preparer, git_server: GitServer, folder: Path, told: Told
) -> None:
    workspace = bring(git_server.address("course"))

    assert workspace.state == "cloned"
    assert (folder / "README.md").read_text() == "second\n"
    assert workspace.commit == git(folder, "rev-parse", "HEAD")
    assert git(folder, "rev-parse", "--is-shallow-repository") == "true"
    assert git(folder, "rev-parse", "--abbrev-ref", "HEAD") == "main"
    assert git(folder, "remote", "get-url", "origin") == git_server.address("course")
    assert git(folder, "status", "--porcelain") == ""
    assert told.events[0].phase == "workspace"
    assert told.of_kind("notice") == []
    assert names(folder.parent) == ["default"]


@pytest.mark.parametrize("ref", ["draft", "refs/heads/draft"])
def test_a_branch(bring: Preparer, git_server: GitServer, folder: Path, ref: str) -> None:
    assert bring(git_server.address("course"), ref).state == "cloned"
    assert (folder / "draft.md").exists()
    assert git(folder, "rev-parse", "--abbrev-ref", "HEAD") == "draft"


@pytest.mark.parametrize("ref", ["v1", "refs/tags/v1"])
def test_a_tag(bring: Preparer, git_server: GitServer, folder: Path, ref: str) -> None:
    assert bring(git_server.address("course"), ref).state == "cloned"
    assert (folder / "README.md").read_text() == "first\n"


@pytest.mark.parametrize("digits", [40, 7])
@pytest.mark.parametrize("protocol_2", [True, False])
@pytest.mark.parametrize("position", ["tip", "inside"])
def test_a_commit(
    bring: Preparer,
    new_git_server: NewGitServer,
    folder: Path,
    digits: int,
    protocol_2: bool,
    position: str,
) -> None:
    server = new_git_server(protocol_2=protocol_2)
    course = server.create("course")
    commits = {"inside": course.commit({"a": b"1"}), "tip": course.commit({"a": b"2"})}

    workspace = bring(server.address("course"), commits[position][:digits])

    assert workspace.state == "cloned"
    assert workspace.commit == commits[position]
    assert (folder / "a").read_text() == {"inside": "1", "tip": "2"}[position]
    # The old protocol gives no commit that nothing points at: then all of the history comes.
    if position == "tip" or (digits == 40 and protocol_2):
        assert git(folder, "rev-parse", "--is-shallow-repository") == "true"


def test_a_branch_that_looks_like_a_commit(
    bring: Preparer, git_server: GitServer, folder: Path
) -> None:
    commit = git_server.create("odd").commit({"odd": b""}, branch="deadbeef")

    assert bring(git_server.address("odd"), "deadbeef").commit == commit


def test_any_other_ref_of_the_server(bring: Preparer, git_server: GitServer, folder: Path) -> None:
    course = git_server.root / "course.git"
    git(course, "update-ref", "refs/pull/7/head", "refs/heads/draft")

    assert bring(git_server.address("course"), "refs/pull/7/head").state == "cloned"
    assert (folder / "draft.md").exists()


def test_other_branches_can_be_fetched_afterwards(
    bring: Preparer, git_server: GitServer, folder: Path
) -> None:
    bring(git_server.address("course"))
    git(folder, "fetch", "--quiet")
    git(folder, "switch", "--quiet", "draft")
    assert (folder / "draft.md").exists()


def test_an_empty_repository(bring: Preparer, git_server: GitServer, folder: Path) -> None:
    git_server.create("empty")

    workspace = bring(git_server.address("empty"))

    assert (workspace.state, workspace.commit) == ("cloned", "")
    assert (folder / ".git").is_dir()


def test_a_huge_history_stays_where_it_is(
    bring: Preparer, huge_git_server: GitServer, folder: Path
) -> None:
    assert bring(huge_git_server.address("huge")).state == "cloned"
    cloned = sum(f.stat().st_size for f in (folder / ".git").rglob("*") if f.is_file())
    assert cloned < 200_000
    assert git(folder, "rev-list", "--count", "HEAD") == "1"


def test_a_server_of_plain_files_cannot_be_shallow(
    bring: Preparer, new_git_server: NewGitServer, folder: Path
) -> None:
    server = new_git_server(dumb=True)
    course = server.create("course")
    course.commit({"a": b"1"})
    course.publish_dumb()

    assert bring(server.address("course")).state == "cloned"
    assert (folder / "a").exists()


# -- credentials ----------------------------------------------------------------------------------


def test_a_private_repository(
    bring: Preparer, new_git_server: NewGitServer, folder: Path, told: Told, private: Path
) -> None:
    server = new_git_server(credentials=("ann", PASSWORD))
    server.create("course").commit({"a": b"1"})

    workspace = bring(server.address("course"), username="ann", password=PASSWORD)

    assert workspace.state == "cloned", told.out.getvalue()
    assert git(folder, "remote", "get-url", "origin") == server.address("course")
    written = [f for place in (folder, private) for f in place.rglob("*") if f.is_file()]
    assert not [f for f in written if PASSWORD.encode() in f.read_bytes()]
    assert PASSWORD not in told.out.getvalue()


def test_credentials_in_the_url_do_not_stay_there(
    bring: Preparer, new_git_server: NewGitServer, folder: Path, told: Told
) -> None:
    server = new_git_server(credentials=("ann", "hunter22"))
    server.create("course").commit({"a": b"1"})
    url = server.address("course").replace("://", "://ann:hunter22@")

    assert bring(url).state == "cloned"
    assert "hunter22" not in (folder / ".git" / "config").read_text()
    assert "hunter22" not in told.out.getvalue()


def test_a_wrong_password(
    bring: Preparer, new_git_server: NewGitServer, folder: Path, told: Told
) -> None:
    server = new_git_server(credentials=("ann", "right"))
    server.create("course").commit({"a": b"1"})

    workspace = bring(server.address("course"), username="ann", password="wrong-pass")

    assert workspace.state == "failed"
    assert told.notice.details["code"] == "authentication"
    assert "wrong-pass" not in told.out.getvalue()
    assert "refused the user name or the password" in (folder / NOTICE_FILE).read_text()
    assert names(bring.folder) == [NOTICE_FILE]


def test_no_password_where_one_is_wanted(
    bring: Preparer, new_git_server: NewGitServer, told: Told
) -> None:
    server = new_git_server(credentials=("ann", "right"))
    server.create("course")

    assert bring(server.address("course")).state == "failed"
    assert told.notice.details["code"] == "authentication"
    assert "private" in told.notice.message


def test_the_password_goes_to_no_other_host(
    bring: Preparer, new_git_server: NewGitServer, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A redirect leads to another server, which asks for a password."""
    thief = new_git_server(credentials=("nobody", "nothing"))
    thief.create("course")
    honest = new_git_server()
    honest.redirect = thief.url

    bring(honest.address("course"), username="ann", password="hunter22")

    assert thief.requests
    assert thief.authorizations == []


def test_a_users_own_git_settings_play_no_part(
    bring: Preparer,
    new_git_server: NewGitServer,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A helper that stores passwords, a template with a hook, a GIT_DIR that leads elsewhere."""
    server = new_git_server(credentials=("ann", "hunter22"))
    server.create("course").commit({"a": b"1"})
    home = tmp_path / "home"
    hooks = home / "template" / "hooks"
    hooks.mkdir(parents=True)
    hook = hooks / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\n")
    hook.chmod(0o755)
    (home / ".gitconfig").write_text(
        f"[credential]\n\thelper = store --file={tmp_path}/stolen\n"
        f"[init]\n\ttemplateDir = {home}/template\n[core]\n\thooksPath = {hooks}\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(home / "template"))

    assert bring(server.address("course"), username="ann", password="hunter22").state == "cloned"
    assert not (tmp_path / "stolen").exists()
    assert not (tmp_path / "hooked").exists()
    assert os.environ["GIT_DIR"] == str(tmp_path)


# -- failures -------------------------------------------------------------------------------------


def test_a_missing_ref_is_told_with_what_there_is(
    bring: Preparer, git_server: GitServer, folder: Path, told: Told
) -> None:
    assert bring(git_server.address("course"), "drafts").state == "failed"
    assert told.notice.details["code"] == "ref_missing"
    assert "'drafts'" in told.notice.message
    assert "Did you mean 'draft'?" in told.notice.details["hint"]
    assert "'main'" in told.notice.details["hint"]
    assert "starts with an empty workspace" in told.notice.details["hint"]
    assert names(bring.folder) == [NOTICE_FILE]


@pytest.mark.parametrize("ref", ["0" * 40, "badc0de"])
def test_a_missing_commit(
    bring: Preparer, git_server: GitServer, folder: Path, told: Told, ref: str
) -> None:
    assert bring(git_server.address("course"), ref).state == "failed"
    assert told.notice.details["code"] == "ref_missing"
    assert names(folder.parent) == ["default"]


def test_no_such_repository(bring: Preparer, git_server: GitServer, told: Told) -> None:
    assert bring(git_server.address("nothing")).state == "failed"
    assert told.notice.details["code"] == "repository_missing"


def test_no_such_host(bring: Preparer, told: Told) -> None:
    assert bring("http://no-such-host.invalid/course.git").state == "failed"
    assert told.notice.details["code"] == "host_unknown"


def test_nobody_listens(bring: Preparer, told: Told) -> None:
    assert bring("http://127.0.0.1:1/course.git").state == "failed"
    assert told.notice.details["code"] == "unreachable"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc",
        "/etc",
        "ext::sh -c touch% /tmp/pwned",
        "ssh://git@example.org/x.git",
        "git@example.org:x.git",
        "--upload-pack=touch /tmp/pwned",
        "ftp://example.org/x.git",
        "",
    ],
)
def test_other_protocols_are_refused(bring: Preparer, told: Told, url: str) -> None:
    workspace = bring(url)
    if url:
        assert workspace.state == "failed"
        assert told.notice.details["code"] == "workspace_invalid"
    else:
        assert workspace.state == "empty"


@pytest.mark.parametrize("ref", ["--upload-pack=x", "a b", "a..b:c", "x\ny"])
def test_a_ref_that_is_none(bring: Preparer, git_server: GitServer, told: Told, ref: str) -> None:
    assert bring(git_server.address("course"), ref).state == "failed"
    assert told.notice.details["code"] == "workspace_invalid"


def test_a_server_that_hangs(bring: Preparer, git_server: GitServer, told: Told) -> None:
    git_server.flowing.clear()

    assert bring(git_server.address("course"), timeout=1.0).state == "failed"
    assert told.notice.details["code"] == "unreachable"


def test_a_required_workspace_leaves_the_notice_to_the_launcher(
    bring: Preparer, git_server: GitServer, told: Told
) -> None:
    workspace = bring(git_server.address("nothing"), required=True)

    assert workspace.problem is not None
    assert workspace.problem.code == "repository_missing"
    assert "starts with" not in workspace.problem.hint
    assert told.of_kind("notice") == []


def test_an_image_without_git(
    bring: Preparer, git_server: GitServer, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert bring(git_server.address("course")).state == "failed"
    assert told.notice.details["code"] == "no_git"
    assert "apt-get install git" in told.notice.details["hint"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB: a storage volume that is full soon."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs root")
    with ExitStack() as stack:
        stack.callback(subprocess.run, ["umount", "--lazy", str(place)], check=True)
        yield place


def test_a_full_disk(small_disk: Path, private: Path, told: Told, git_server: GitServer) -> None:
    git_server.create("large").commits(1, 5_000_000)
    folder = small_disk / "default"
    folder.mkdir()

    assert Preparer(folder, private, told)(git_server.address("large")).state == "failed"
    assert told.notice.details["code"] == "disk_full"
    assert names(small_disk) == ["default"]
    assert names(folder) == [NOTICE_FILE]


# -- existing files -------------------------------------------------------------------------------


def test_existing_work_is_never_touched(
    bring: Preparer, git_server: GitServer, folder: Path, told: Told
) -> None:
    (folder / "mine.txt").write_text("work")

    assert bring(git_server.address("course")).state == "kept"
    assert names(bring.folder) == ["mine.txt"]
    assert git_server.requests == []
    assert told.of_kind("notice") == []


def test_a_second_start_keeps_the_clone(
    bring: Preparer, git_server: GitServer, folder: Path
) -> None:
    bring(git_server.address("course"))
    (folder / "README.md").write_text("mine now")
    git_server.requests.clear()

    assert bring(git_server.address("course")).state == "kept"
    assert (folder / "README.md").read_text() == "mine now"
    assert git_server.requests == []


def test_a_later_start_brings_what_an_earlier_one_could_not(
    bring: Preparer, git_server: GitServer, folder: Path
) -> None:
    bring(git_server.address("course"), "no-such-branch")
    assert names(bring.folder) == [NOTICE_FILE]
    # What JupyterLab leaves behind is nobody's work.
    (folder / ".ipynb_checkpoints").mkdir()

    assert bring(git_server.address("course")).state == "cloned"
    assert names(bring.folder) == [".git", ".ipynb_checkpoints", "README.md", "lessons"]


def test_a_mount_point_gets_the_files_inside(
    small_disk: Path, private: Path, told: Told, git_server: GitServer
) -> None:
    assert Preparer(small_disk, private, told)(git_server.address("course")).state == "cloned"
    assert names(small_disk) == [".git", "README.md", "lessons"]


def test_progress_is_told_in_percent(bring: Preparer, git_server: GitServer, told: Told) -> None:
    git_server.create("large").commits(1, 3_000_000)

    bring(git_server.address("large"))

    progress = told.of_kind("progress")
    assert progress
    assert all(event.percent is not None and 0 <= event.percent <= 100 for event in progress)
    assert all(event.phase == "workspace" for event in progress)
