"""The county's folder, copied to be changed."""

import shutil
from pathlib import Path

COUNTY = Path(__file__).parents[2] / "geo" / "exampleshire"


def without_returns(folder):
    """A copy to which no partner gave a return: nothing is held back."""
    place = folder / "exampleshire"
    shutil.copytree(COUNTY, place, ignore=shutil.ignore_patterns("partner_return"))
    return place
