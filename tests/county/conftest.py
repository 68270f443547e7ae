"""The invented county end to end: one good release for all tests, and a copy to break."""

import shutil
import sys
from pathlib import Path

import duckdb
import pytest

COUNTY = Path(__file__).parents[2] / "geo" / "exampleshire"


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """A data folder with one release of the county as it ships."""
    from flows.evidence import Request, refresh

    data = tmp_path_factory.mktemp("county")
    outcome = refresh.fn(Request(place="exampleshire", data=str(data)))
    assert outcome.state == "published", outcome
    return data


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


sys.path.insert(0, str(Path(__file__).parent))
