from html import escape

import pytest

from runtiles.pages import FormError


def test_it_is_the_message_for_whoever_knows_no_better() -> None:
    error = FormError("tile: is <gone>", {"tile": "is <gone>"})
    assert str(error) == "tile: is <gone>"
    assert escape(error) == "tile: is &lt;gone&gt;"
    assert error.fields == {"tile": "is <gone>"}


def test_fields_are_optional_and_cannot_be_changed() -> None:
    assert FormError("no").fields == {}
    with pytest.raises(TypeError):
        FormError("no", {"a": "b"}).fields["a"] = "c"  # type: ignore[index]
