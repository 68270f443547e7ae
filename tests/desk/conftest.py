"""A shelf to put hand-made releases on, and the command line."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from by_hand import Shelf


@pytest.fixture
def shelf(tmp_path):
    """An empty data folder to publish hand-made releases in."""
    return Shelf(tmp_path / "data")


@pytest.fixture
def run(capsys):
    """The command line in this process: (exit code, standard output, standard error)."""

    def command(*arguments):
        from flows.__main__ import main

        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in arguments])
        told = capsys.readouterr()
        return ended.value.code or 0, told.out, told.err

    return command
