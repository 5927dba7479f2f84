"""Which variables a user may set."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.values import environment as env


@pytest.mark.parametrize(
    "name",
    [
        *(
            "JUPYTERHUB_API_TOKEN",
            "JUPYTERHUB_X",
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_TOKEN",
            "JPY_USER",
        ),
        *("RUNTILES_LAUNCH_URL", "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "PYTHONPATH"),
        *("PYTHONSTARTUP", "PYTHONHOME", "PYTHONUSERBASE", "PATH", "HOME", "SHELL", "ENV", "IFS"),
        *("BASH_ENV", "BASH_FUNC_x", "PROMPT_COMMAND", "NVIDIA_VISIBLE_DEVICES", "NVIDIA_X", "PS4"),
        *("GIT_SSH_COMMAND", "GIT_ALLOW_PROTOCOL", "GIT_CONFIG_COUNT", "GIT_EXEC_PATH", "GIT_DIR"),
        *("GIT_ASKPASS", "GIT_TEMPLATE_DIR", "GIT_AUTHOR_NAMES", "OPENSSL_CONF", "GLIBC_TUNABLES"),
    ],
)
def test_what_could_take_over_the_server_is_reserved(name: str) -> None:
    with pytest.raises(ValueError, match="reserved"):
        env.check_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("A", "_x", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "HTTP_PROXY", "TZ", "LANG", "LDAP"),
        *("GIT_AUTHOR_NAME", "GIT_COMMITTER_EMAIL", "HF_TOKEN", "MY_PYTHON", "XPATH", "ld_preload"),
    ],
)
def test_other_names_are_free(name: str) -> None:
    assert env.check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "1A", "A-B", "A B", "A=B", "A\n", "É", "A\0", "A" * 256, "a.b"]
)
def test_what_is_no_name(name: str) -> None:
    for check in (env.check_name, env.check_tile_name):
        with pytest.raises(ValueError, match="must be a name"):
            check(name)


@pytest.mark.parametrize("name", ["JUPYTERHUB_X", "JPY_X", "RUNTILES_X", "NVIDIA_VISIBLE_DEVICES"])
def test_admins_do_not_set_what_runtiles_sets(name: str) -> None:
    with pytest.raises(ValueError, match="set by Runtiles"):
        env.check_tile_name(name)


@pytest.mark.parametrize("name", ["PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "GIT_SSL_CAINFO"])
def test_admins_may_set_the_rest(name: str) -> None:
    assert env.check_tile_name(name) == name


@pytest.mark.parametrize(("value", "text"), [("", ""), ("a\nb", "a\nb"), (4, "4"), (0.5, "0.5")])
def test_values(value: object, text: str) -> None:
    assert env.check_value(value) == text


@pytest.mark.parametrize("value", ["a\0b", "x" * 32_769, None, True, [], {}, b"x"])
def test_refused_values(value: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        env.check_value(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("HF_TOKEN", "hf_abc"), ("WANDB_API_KEY", "abc"), ("DB_PASSWORD", "x"), ("GH_PAT", "x")),
        *(("AWS_SECRET_ACCESS_KEY", "x"), ("token", "x"), ("MY_CREDENTIALS", "x")),
    ],
)
def test_names_that_tell_of_a_credential(name: str, value: str) -> None:
    assert env.names_a_credential(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("TOKENIZERS_PARALLELISM", "x"), ("KEYBOARD", "x"), ("PATTERN", "x"), ("MONKEY", "x")),
        *(("MAX_TOKEN", "512"), ("USE_TOKEN", "true"), ("HF_TOKEN", ""), ("KEY_COUNT", "x")),
    ],
)
def test_names_that_do_not(name: str, value: str) -> None:
    assert not env.names_a_credential(name, value)


@given(st.text(max_size=20))
def test_a_name_that_passes_is_a_shell_name(name: str) -> None:
    try:
        env.check_name(name)
    except ValueError:
        return
    assert name.isascii()
    assert name.isidentifier()
    assert not name.startswith(("JUPYTERHUB_", "LD_", "PYTHON", "RUNTILES_"))
