"""Real public data, where it lies beside the project; elsewhere these tests say what they need."""

from pathlib import Path

import duckdb
import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"


def pytest_collection_modifyitems(items):
    if not SHARED.is_dir():
        reason = "needs the real public data in ../shared/data (see its README.md)"
        for item in items:
            if "real" in Path(item.fspath).parts:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def shared():
    return SHARED


@pytest.fixture(scope="session")
def leicestershire(once):
    """One refresh of the real county from the files in hand: its outcome and its data folder."""
    from flows.evidence import Outcome, Request, refresh

    asked = {"place": "leicestershire", "inbox": str(SHARED), "offline": True}

    def refreshed(data):
        return refresh(Request(**asked, data=str(data))).model_dump()

    data, told = once("leicestershire", refreshed)
    outcome = Outcome(**told)
    assert outcome.state == "published"
    return outcome, data


@pytest.fixture(scope="session")
def warehouse(leicestershire):
    with duckdb.connect(str(leicestershire[1] / "warehouse.duckdb"), read_only=True) as con:
        yield con


@pytest.fixture(scope="session")
def evidence(leicestershire):
    """The published tidy table as a relation in a connection of its own."""
    con = duckdb.connect()
    con.read_parquet(str(leicestershire[1] / "latest" / "evidence.parquet")).create_view("evidence")
    return con
