"""Pictures of what a release looks like: each type of page, a briefing on paper, the workbook's first
sheets, the layers and the layout in QGIS. Usage: look.py RELEASE_FOLDER OUT_FOLDER.

They are there to be looked at, critically: alignment, labels that collide, numbers that cannot be
read, empty panels, wrong order.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright
from test_pages_in_chromium import CHROMIUM, QUIET, TYPES

WIDTHS = {"desk": 1280, "phone": 400}


def pages(site: Path, out: Path) -> None:
    """Each type of page as a whole, on a desk's screen and on a phone, and a briefing on paper."""
    with (
        sync_playwright() as tool,
        tool.chromium.launch(executable_path=CHROMIUM, args=QUIET) as browser,
    ):
        for screen, width in WIDTHS.items():
            page = browser.new_page(viewport={"width": width, "height": 900})
            for name, file in TYPES.items():
                path = site / file
                path = path if path.exists() else next(site.glob(f"{file.split('-')[0]}-*.html"))
                page.goto(path.as_uri())
                page.wait_for_load_state("load")
                page.wait_for_timeout(200)  # what scripts draw
                page.screenshot(path=out / f"{name.replace(' ', '-')}-{screen}.png", full_page=True)
        page.goto(next(site.glob("briefing-*.html")).as_uri())
        page.pdf(path=out / "briefing.pdf", prefer_css_page_size=True)
    subprocess.run(
        ["pdftoppm", "-r", "80", "-png", out / "briefing.pdf", out / "briefing"], check=True
    )


def workbook(release: Path, out: Path) -> None:
    """The first pages of a theme's workbook as LibreOffice prints them."""
    path = next((release / "themes").glob("safer*.xlsx"))
    profile = f"-env:UserInstallation={(out / '.office').resolve().as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", out, path]
    subprocess.run(convert, check=True, capture_output=True)
    shutil.rmtree(out / ".office", ignore_errors=True)
    printed = out / f"{path.stem}.pdf"
    subprocess.run(
        ["pdftoppm", "-r", "70", "-l", "6", "-png", printed, out / "workbook"], check=True
    )


def layers(release: Path, out: Path) -> None:
    """Each layer and the layout as QGIS draws them, with its own Python."""
    script = Path(__file__).with_name("render_qgis.py")
    subprocess.run(["/usr/bin/python3", script, release, out], check=True)


if __name__ == "__main__":
    folder, pictures = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    pictures.mkdir(parents=True, exist_ok=True)
    pages(folder / "site", pictures)
    if shutil.which("soffice"):
        workbook(folder, pictures)
    if shutil.which("qgis"):
        layers(folder, pictures)
    print(f"{len(list(pictures.glob('*.png')))} pictures in {pictures}")
