"""What every test may ask for: a warehouse of all our tables, empty, that forgets each test; and
the invented county, refreshed once for all."""

import json
import os
import shutil
import socket
import sys
from pathlib import Path

# The folders tests/sql and tests/geo must not be taken for our rooms of the same names.
sys.path.insert(0, str(Path(__file__).parents[1]))

import pytest
from filelock import FileLock

pytest.register_assert_rewrite("texttable")

import judged  # noqa: E402
from texttable import Warehouse, empty_warehouse  # noqa: E402

from flows import loading  # noqa: E402

loading.collect_seldom()  # as the command does


@pytest.fixture(scope="session")
def empty_tables():
    """One in-memory warehouse for the whole run: opening it takes as long as a hundred tests."""
    with empty_warehouse() as con:
        yield con


@pytest.fixture
def warehouse(empty_tables):
    """``given`` tables, ``expect`` what a model makes of them; all is rolled back afterwards."""
    empty_tables.begin()
    try:
        yield Warehouse(empty_tables)
    finally:
        empty_tables.rollback()


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """``once(name, make)``: a folder that is made by the first of pytest's workers who wants it, and
    found by the others, who look and do not touch; and what ``make(folder)`` told (as JSON)."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def made(name, make):
        folder, told = root / name, root / f"{name}.json"
        with FileLock(root / f"{name}.lock"):
            if not told.exists():
                told.write_text(json.dumps(make(folder)), encoding="utf-8")
        return folder, json.loads(told.read_text("utf-8"))

    return made


@pytest.fixture(scope="session")
def first_refresh(once):
    """A data folder with one release of the county as it ships, and the addresses that anything
    asked for meanwhile."""
    return once("county", _refreshed)


@pytest.fixture(scope="session")
def released(first_refresh):
    """That data folder: look, and do not touch."""
    return first_refresh[0]


def _refreshed(data):
    """Refresh the county; what anything asked of the network meanwhile."""
    from expectations import checks
    from flows.evidence import Request, refresh

    asked, connect = [], socket.socket.connect

    def guarded(self, address):
        away = self.family in (socket.AF_INET, socket.AF_INET6)
        if away and address[0] not in ("127.0.0.1", "::1"):
            asked.append(repr(address))
            raise OSError("no network in this test")
        return connect(self, address)

    checks._batches.cache_clear()  # Great Expectations begins anew, and is heard
    with pytest.MonkeyPatch.context() as patch, judged.once():
        threads(patch, 3)  # a test holds what one makes against it
        patch.setattr(socket.socket, "connect", guarded)
        patch.setattr(socket, "getaddrinfo", lambda *a, **k: asked.append(repr(a)) or [])
        outcome = refresh(Request(place="exampleshire", data=str(data)))
    assert outcome.state == "published", outcome
    return asked


def threads(patch, count):
    """Have DuckDB work with so many."""
    from sql import models

    connect = models.connect
    patch.setattr(
        models, "connect", lambda path=None, **k: connect(path, **(k | {"threads": count}))
    )


@pytest.fixture
def with_threads(monkeypatch):
    """A function that has DuckDB work with so many threads until the test ends."""
    return lambda count: threads(monkeypatch, count)


@pytest.fixture(scope="session")
def cells_of():
    """A function that reads a tidy table: its rows by the address that pages give them."""

    def read(path):
        import duckdb

        rows = duckdb.read_parquet(str(path))
        told = [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]
        key = ("indicator_id", "area_kind", "area_code", "period")
        return {tuple(one[name] or "" for name in key): one for one in told}

    return read


@pytest.fixture(autouse=True)
def readers_only_where_asked(request, monkeypatch):
    """What readers open takes as long to write as all the rest: a test that refreshes by itself goes
    without it, unless it is marked ``outputs``. Fixtures of a module or session have all of it."""
    if "begun" not in request.fixturenames and "county" not in str(request.node.fspath):
        return
    if not request.node.get_closest_marker("outputs"):
        from flows.publish import gis, website, workbook

        for output in (gis, website, workbook):
            monkeypatch.setattr(output, "write", lambda *given: {})


@pytest.fixture(scope="session")
def begun(released):
    """A function that makes a data folder in which the county's files are typed already, and
    nothing else is done."""

    def begin(folder):
        shutil.copytree(released / "staged", folder / "staged")
        return folder

    return begin


@pytest.fixture(scope="module")
def judged_once():
    """Tables that another test had judged by the same suite are not judged again."""
    with judged.once():
        yield
