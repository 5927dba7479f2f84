"""The files that a runtime starts with: cloned once, never over existing work, never half."""

import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Optional, Tuple

from runtiles.contract.spec import WorkspaceSpec

from . import git_errors, git_plan, placing, uploaded
from .children import Terminated, run_limited
from .git_client import GitClient, GitFailed, NoGit
from .git_plan import Attempt, Source
from .report import Problem, Reporter

_CLEAN_UP_S = 1.0
_NEXT = (
    "The server starts with an empty workspace; stop it, correct the options and start it again."
)
_ALL_BRANCHES = "+refs/heads/*:refs/remotes/origin/*"


@dataclass(frozen=True)
class Workspace:
    """`state` is `empty` (nothing to clone), `kept` (work was there), `cloned`, `unpacked` or
    `failed`."""

    state: str
    url: str = ""
    ref: str = ""
    commit: str = ""
    problem: Optional[Problem] = None


def prepare(
    spec: WorkspaceSpec,
    folder: Path,
    private: Path,
    reporter: Reporter,
    timeout: float,
    fetch: Optional[uploaded.Fetch] = None,
) -> Workspace:
    """Bring the files into `folder`, which exists. Never raises for a failed clone.

    `private` is a folder for this launch alone; `fetch` opens what was uploaded for it. A notice is
    reported and left in the workspace.
    """
    with suppress(OSError):
        placing.clear(folder)
    if placing.holds_work(folder):
        reporter.log("workspace", f"The files in {folder} are kept as they are.")
        return Workspace("kept")
    if not spec.url:
        placing.remove_notice(folder)
        return Workspace("empty")
    if uploaded.is_uploaded(spec.url):
        return _unpack(spec, folder, reporter, timeout, fetch)
    try:
        where = git_plan.source(spec)
    except ValueError as error:
        return _failed(spec, folder, reporter, git_plan.invalid(error))
    reporter.phase("workspace", f"Cloning {where.url}" + (f" ({where.ref})" if where.ref else ""))
    try:
        commit = _Clone(where, folder, private, reporter, timeout).run()
    except _CloneFailed as error:
        return _failed(spec, folder, reporter, error.problem, where.url)
    placing.remove_notice(folder)
    reporter.log("workspace", f"Cloned {where.url} at {commit[:12] or 'no commit yet'}.")
    return Workspace("cloned", where.url, where.ref, commit)


def _unpack(
    spec: WorkspaceSpec,
    folder: Path,
    reporter: Reporter,
    timeout: float,
    fetch: Optional[uploaded.Fetch],
) -> Workspace:
    reporter.phase("workspace", "Unpacking your files")
    try:
        entries = uploaded.bring(fetch, folder, reporter, timeout)
    except uploaded.NotUnpacked as error:
        return _failed(spec, folder, reporter, error.problem, spec.url)
    placing.remove_notice(folder)
    reporter.log("workspace", f"Unpacked {entries} files and folders.")
    return Workspace("unpacked", spec.url)


def _failed(
    spec: WorkspaceSpec, folder: Path, reporter: Reporter, problem: Problem, url: str = ""
) -> Workspace:
    if not spec.required:
        problem = replace(problem, hint=f"{problem.hint} {_NEXT}".lstrip())
        reporter.notice("workspace", problem)
        placing.write_notice(folder, problem)
    return Workspace("failed", url, spec.ref, problem=problem)


class _CloneFailed(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Clone:
    """One clone, from the first attempt to files in place."""

    def __init__(
        self, where: Source, folder: Path, private: Path, reporter: Reporter, timeout: float
    ) -> None:
        self._where = where
        self._folder = folder
        self._home = private / "git-home"
        self._reporter = reporter
        self._timeout = timeout
        self._staged = placing.staging(folder)

    def run(self) -> str:
        """The commit that is checked out, "" for an empty repository. Raises _CloneFailed."""
        try:
            self._home.mkdir(mode=0o700, exist_ok=True)
            client = GitClient(self._where, self._home, self._timeout, self._reporter.progress)
            commit = self._first_that_works(client)
            placing.place(self._staged, self._folder)
        except NoGit as error:
            raise _CloneFailed(error.problem) from None
        except GitFailed as error:
            self._discard()
            raise _CloneFailed(self._explain(error.output)) from None
        except OSError as error:
            self._discard()
            raise _CloneFailed(self._explain(f"fatal: {error.strerror}")) from None
        except Terminated:
            # The next start would remove it too, but there may be none.
            run_limited(self._discard, _CLEAN_UP_S)
            raise
        return commit

    def _first_that_works(self, client: GitClient) -> str:
        plan = git_plan.attempts(self._where.ref)
        for number, attempt in enumerate(plan, 1):
            try:
                return self._attempt(client, attempt)
            except GitFailed as error:
                self._discard()
                if number == len(plan) or not git_errors.refused(error.output):
                    raise self._with_names(client, error) from None
        raise AssertionError("a plan has at least one attempt")

    def _attempt(self, client: GitClient, attempt: Attempt) -> str:
        if attempt.kind == "tip":
            found = git_plan.tips(
                client.run(["ls-remote", "--", self._where.url], self._home), attempt.ref
            )
            if len(found) != 1:
                raise GitFailed("fatal: no such commit at the tip of a branch or tag")
            attempt = Attempt("fetch", found[0])
        if attempt.kind == "fetch":
            self._fetch(client, attempt)
        else:
            self._clone(client, attempt)
        return self._commit(client)

    def _clone(self, client: GitClient, attempt: Attempt) -> None:
        url, target = self._where.url, str(self._staged)
        try:
            client.run(git_plan.clone_arguments(url, attempt, target), self._staged.parent)
        except GitFailed as error:
            if not git_errors.shallow_refused(error.output):
                raise
            # An old or a "dumb" server: all of the history, then.
            self._discard()
            whole = Attempt(attempt.kind, attempt.ref, depth=None)
            client.run(git_plan.clone_arguments(url, whole, target), self._staged.parent)
        if attempt.kind == "search":
            self._check_out(client, attempt.ref)
        # A shallow clone follows one branch; a later `git fetch` shall bring the others too.
        client.run(["config", "remote.origin.fetch", _ALL_BRANCHES], self._staged)

    def _fetch(self, client: GitClient, attempt: Attempt) -> None:
        self._staged.mkdir()
        client.run(["init", "--quiet", "--template="], self._staged)
        client.run(["remote", "add", "--", "origin", self._where.url], self._staged)
        fetch = ["fetch", "--progress", "--depth=1", "--no-recurse-submodules"]
        client.run([*fetch, "origin", attempt.ref], self._staged)
        client.run(["checkout", "--quiet", "--detach", "FETCH_HEAD"], self._staged)

    def _check_out(self, client: GitClient, commit: str) -> None:
        try:
            client.run(["rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"], self._staged)
        except GitFailed:
            raise GitFailed(f"fatal: no such commit: {commit}") from None
        client.run(["checkout", "--quiet", "--detach", commit], self._staged)

    def _commit(self, client: GitClient) -> str:
        try:
            return client.run(["rev-parse", "--verify", "--quiet", "HEAD"], self._staged).strip()
        except GitFailed:
            return ""

    def _with_names(self, client: GitClient, error: GitFailed) -> Exception:
        """A missing ref is told with what the repository has instead."""
        if self._explain(error.output).code != "ref_missing" or not self._where.ref:
            return error
        default, names = self._names(client)
        return _CloneFailed(git_errors.missing_ref(self._where.ref, default, names))

    def _names(self, client: GitClient) -> Tuple[str, Tuple[str, ...]]:
        try:
            listing = client.run(["ls-remote", "--symref", "--", self._where.url], self._home)
        except GitFailed:
            return "", ()
        default, names = git_plan.short_names(listing)
        return default, tuple(names)

    def _explain(self, output: str) -> Problem:
        return git_errors.explain(output, (self._where.password,), str(self._staged))

    def _discard(self) -> None:
        shutil.rmtree(self._staged, ignore_errors=True)
