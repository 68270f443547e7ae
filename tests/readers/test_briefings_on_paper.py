"""``evidence briefings``: a PDF of two pages for each locality, tagged, with the words of the page."""

import shutil
import subprocess

import pytest

from flows.printing import BROWSERS, print_briefings

pytestmark = [
    pytest.mark.readers,
    pytest.mark.skipif(
        not (any(map(shutil.which, BROWSERS)) and shutil.which("pdfinfo")),
        reason="needs a browser and poppler (Debian: chromium poppler-utils)",
    ),
]


def told_of(path, tool, *more):
    return subprocess.run(
        [tool, *more, path, *(["-"] if tool == "pdftotext" else [])], capture_output=True, text=True
    ).stdout


def test_each_briefing_is_printed_whole(released, tmp_path):
    site = tmp_path / "latest" / "site"
    shutil.copytree(released / "latest" / "site" / "assets", site / "assets")
    for name in ("priority_neighbourhood-X-PN1", "community_forum_area-X-F1", "town-X63000001"):
        shutil.copy(released / "latest" / "site" / f"briefing-{name}.html", site)
    done = list(print_briefings(tmp_path, tmp_path / "paper"))
    assert len(done) == 3
    for path in done:
        about = told_of(path, "pdfinfo")
        assert "Tagged:          yes" in about and "(A4)" in about, about
        assert int(about.split("Pages:")[1].split()[0]) <= 2
        text = told_of(path, "pdftotext", "-layout")
        assert "What stands out" in text and "What is not known" in text and "INVENTED" in text
    assert "Larkhaven" in told_of(tmp_path / "paper" / "town-X63000001.pdf", "pdftotext")
    assert not list((tmp_path / "paper").glob(".*")), "nothing half done is left"
