"""``evidence briefings`` where it cannot print: a sentence, and nothing written."""

import pytest

from flows import printing
from flows.failures import Stop


def test_without_a_release_it_says_what_to_do(tmp_path):
    with pytest.raises(Stop) as why:
        list(printing.print_briefings(tmp_path, tmp_path / "paper"))
    assert why.value.code == 2 and "evidence refresh" in str(why.value)


def test_without_a_browser_it_says_so(tmp_path, monkeypatch):
    site = tmp_path / "latest" / "site"
    site.mkdir(parents=True)
    (site / "briefing-town-T1.html").write_text("<p>x</p>")
    monkeypatch.setattr(printing.shutil, "which", lambda name: None)
    with pytest.raises(Stop) as why:
        list(printing.print_briefings(tmp_path, tmp_path / "paper"))
    assert "install Chromium" in str(why.value) and not (tmp_path / "paper").exists()


def test_a_browser_that_fails_leaves_nothing(tmp_path, monkeypatch):
    site = tmp_path / "latest" / "site"
    site.mkdir(parents=True)
    (site / "briefing-town-T1.html").write_text("<p>x</p>")
    monkeypatch.setattr(printing.shutil, "which", lambda name: "/bin/false")
    with pytest.raises(Stop) as why:
        list(printing.print_briefings(tmp_path, tmp_path / "paper"))
    assert why.value.code == 1 and not list((tmp_path / "paper").iterdir())
