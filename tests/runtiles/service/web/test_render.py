"""The frame of the pages: what is in it for whom, and that nothing in it becomes markup."""

import re

import pytest

from runtiles.service.web.render import Frame, render

EVIL = '"><script>alert(1)</script>'
TEMPLATES = ["runtimes.html", "launch.html", "admin.html", "admin_refused.html"]


def frame(user: str = "ann", *, admin: bool = False) -> Frame:
    return Frame("/services/runtiles/", "/hub/", user, admin, "token")


@pytest.mark.parametrize("template", TEMPLATES)
def test_nothing_is_inline(template: str) -> None:
    html = render(template, frame(admin=True))
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", html)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)


@pytest.mark.parametrize("template", TEMPLATES)
def test_names_stay_text(template: str) -> None:
    assert "<script>alert" not in render(template, frame(EVIL))


def test_an_error_stays_text() -> None:
    html = render("error.html", frame(""), message=EVIL, hint=EVIL)
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_the_panel_is_linked_for_admins() -> None:
    assert 'href="/services/runtiles/admin"' in render("runtimes.html", frame(admin=True))
    assert 'href="/services/runtiles/admin"' not in render("runtimes.html", frame())


def test_for_nobody_there_is_no_menu() -> None:
    html = render("launch.html", Frame("/services/runtiles/", "/hub/"))
    assert "Logout" not in html
    assert 'name="xsrf" content=""' in html
