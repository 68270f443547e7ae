"""The guides name commands that there are, with options that there are, and files that are there."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from flows import doctor
from flows.__main__ import app

HOUSE = Path(__file__).parents[2]
PAGES = [HOUSE / n for n in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "GLOSSARY.md")]
PAGES += sorted((HOUSE / "docs").glob("*.md"))
COMMANDS = typer.main.get_command(app).commands


def commands(page):
    """Every use of the command on a page: in a block of a shell, or between ticks."""
    text = page.read_text("utf-8")
    lines = [x for block in re.findall(r"```sh\n(.*?)```", text, re.S) for x in block.splitlines()]
    lines += re.findall(r"`((?:[.]venv/bin/)?evidence [^`]+)`", text)
    for line in lines:
        words = shlex.split(line, comments=True)
        while words and "=" in words[0]:
            words = words[1:]
        if words and words[0].rpartition("/")[2] == "evidence":
            yield line, words[1:]


USES = [(page.name, *use) for page in PAGES for use in commands(page)]


def test_the_guides_use_the_command():
    assert len(USES) > 40
    assert {page for page, _, _ in USES} >= {"README.md", "officer.md", "gis.md", "analyst.md"}


@pytest.mark.parametrize(("page", "line", "words"), USES)
def test_a_command_of_a_guide_is_one(page, line, words):
    assert words and words[0] in COMMANDS, f"{page}: {line}"
    known = {name for p in COMMANDS[words[0]].params for name in (*p.opts, *p.secondary_opts)}
    used = {word.partition("=")[0] for word in words[1:] if word.startswith("--")}
    assert used <= known | {"--help"}, f"{page}: {line}"


def test_every_command_is_in_the_guides():
    assert set(COMMANDS) <= {words[0] for _, _, words in USES}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_a_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


class TestDoctor:
    @pytest.mark.parametrize(
        ("library", "found", "told"),
        [
            ("fastapi", "0.151.0", "the desk's server"),
            ("sqlalchemy", "2.1.0b1", "schedules"),
            ("prefect", "3.10.2", "never tried"),
        ],
    )
    def test_a_library_that_breaks_silently_is_told(self, monkeypatch, library, found, told):
        right = doctor.version
        monkeypatch.setattr(doctor, "version", lambda n: found if n == library else right(n))
        bad = [f for f in doctor._installed() if not f["ok"]]
        assert [f["what"] for f in bad] == [library] and told in bad[0]["found"]

    def test_what_is_installed_here_is_well(self):
        assert all(f["ok"] for f in doctor._installed())
