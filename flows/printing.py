"""The briefings of the latest release on paper: a PDF each, by the browser that the machine has.

Chromium, Chrome or Edge prints a page in about a second, with tags that screen readers follow.
WeasyPrint does so too, in the same time, but wants libraries that a Windows office has not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flows.failures import Stop
from flows.releases import LATEST

BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "msedge"),
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
QUIET = ("--headless", "--disable-gpu", "--disable-background-networking", "--no-first-run")
AT_ONCE = 2
LIMIT = 120  # seconds for one page


def print_briefings(data: Path, folder: Path) -> Iterator[str]:
    """Print every briefing of the latest release into a folder; the path of each, as it is
    done. Stop if there is no release, or no browser, or a page that cannot be printed."""
    site = data / LATEST / "site"
    pages = sorted(site.glob("briefing-*.html"))
    if not pages:
        raise Stop(2, [f"{data}: there is no release with briefings. Run: evidence refresh"])
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), "")
    if not browser:
        raise Stop(
            2,
            [
                "No browser that prints is installed: install Chromium, Chrome or Edge, or open"
                f" {pages[0]} in any browser and print it."
            ],
        )
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(AT_ONCE) as at_once:
        yield from at_once.map(lambda page: _printed(browser, page, folder), pages)


def _printed(browser: str, page: Path, folder: Path) -> str:
    """One page as a PDF, written whole or not at all."""
    target = folder / f"{page.stem.removeprefix('briefing-')}.pdf"
    root = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    with tempfile.TemporaryDirectory() as room:
        half = Path(room) / target.name
        command = [
            *(browser, *QUIET, *root, f"--user-data-dir={room}/profile"),
            *("--no-pdf-header-footer", f"--print-to-pdf={half}", page.resolve().as_uri()),
        ]
        try:
            told = subprocess.run(command, capture_output=True, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            raise Stop(1, [f"{page}: {browser} did not print it in {LIMIT} s."]) from None
        if told.returncode or not half.exists():
            why = told.stderr.decode(errors="replace").strip().splitlines()
            raise Stop(1, [f"{page}: {browser} could not print it. {why[-1] if why else ''}"])
        shutil.move(half, target)
    return str(target)
