"""The invented county end to end: one good release for all tests, and a copy to break."""

import shutil
import sys
from pathlib import Path

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from county_copies import COUNTY, without_returns


@pytest.fixture(scope="module", autouse=True)
def _judged_once(judged_once):
    """Every module here refreshes the county, most of whose tables are those of the others."""


@pytest.fixture(scope="session")
def evidence(released):
    con = duckdb.connect()
    con.read_parquet(str(released / "latest" / "evidence.parquet")).create_view("evidence")
    return con


@pytest.fixture
def county(tmp_path, released):
    """A copy of the county's folder to break, and a data folder with a good release to lose."""
    place = tmp_path / "exampleshire"
    shutil.copytree(COUNTY, place)
    data = tmp_path / "data"
    shutil.copytree(released, data)
    return place, data


@pytest.fixture
def alone(tmp_path):
    """A copy of the county's folder to which no partner gave a return: nothing is held back."""
    return without_returns(tmp_path)


@pytest.fixture
def command(capsys):
    """The command line in this process: (exit code, standard output, standard error)."""

    def run(*arguments):
        from flows.__main__ import main

        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in arguments])
        told = capsys.readouterr()
        code = ended.value.code
        return (0 if code is None else code), told.out, told.err

    return run
