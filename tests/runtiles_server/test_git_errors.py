import pytest

from runtiles_server.git_errors import clean, explain, missing_ref, refused, shallow_refused

_CURL = "fatal: unable to access 'https://h/x/': "


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ("fatal: Authentication failed for 'https://h/x/'", "authentication"),
        (
            "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
            "authentication",
        ),
        (
            "git@h: Permission denied (publickey).\nfatal: Could not read from remote",
            "authentication",
        ),
        (_CURL + "The requested URL returned error: 403", "forbidden"),
        (
            "remote: Repository not found.\nfatal: repository 'https://h/x/' not found",
            "repository_missing",
        ),
        ("fatal: Remote branch x not found in upstream origin", "ref_missing"),
        ("fatal: couldn't find remote ref refs/pull/1/head", "ref_missing"),
        (_CURL + "Could not resolve host: h", "host_unknown"),
        (_CURL + "Failed to connect to h port 443: Connection refused", "unreachable"),
        (_CURL + "Operation too slow. Less than 1 bytes/sec transferred", "unreachable"),
        (_CURL + "SSL certificate problem: unable to get local issuer certificate", "certificate"),
        (
            "error: file write error: No space left on device\nfatal: fetch-pack: invalid",
            "disk_full",
        ),
        ("fatal: write error: Disk quota exceeded\nfatal: early EOF", "disk_full"),
        ("error: RPC failed; curl 18 transfer closed\nfatal: early EOF", "interrupted"),
        ("fatal: transport 'file' not allowed", "protocol"),
        ("fatal: could not create work tree dir 'x': Permission denied", "not_writable"),
        ("fatal: something new", "clone_failed"),
        ("", "clone_failed"),
    ],
)
def test_what_git_says_in_words(output: str, code: str) -> None:
    problem = explain(output)
    assert problem.code == code
    assert problem.message


def test_no_secret_and_no_path_of_ours() -> None:
    output = (
        "Cloning into '/storage/.w.runtiles-cloning'...\n"
        "fatal: unable to access 'https://ann:hunter22@h/x/': boom hunter22 in /storage/.w.runtiles-cloning"
    )
    problem = explain(output, ("hunter22",), "/storage/.w.runtiles-cloning")
    assert "hunter22" not in str(problem)
    assert ".runtiles-cloning" not in str(problem)
    assert "https://h/x/" in problem.message


def test_the_cause_is_shown_not_the_chatter() -> None:
    assert clean("Cloning into 'x'...\nremote: hello\nfatal: early EOF\nfatal: bad") == "early EOF"
    assert clean("only this") == "only this"


def test_when_another_way_is_worth_a_try() -> None:
    assert refused("error: Server does not allow request for unadvertised object 12")
    assert refused("fatal: remote error: upload-pack: not our ref 12")
    assert not refused("fatal: Authentication failed")
    assert shallow_refused("fatal: dumb http transport does not support shallow capabilities")
    assert not shallow_refused("fatal: repository 'https://h/shallow-water' not found")


def test_a_missing_ref() -> None:
    problem = missing_ref("mastre", "main", ["main", "master"])
    assert "'mastre'" in problem.message
    assert problem.hint == "Did you mean 'master'? Its default branch is 'main'."
    assert "Did you" not in missing_ref("x", "", []).hint
