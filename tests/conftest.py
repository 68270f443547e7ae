"""What every test may ask for: a warehouse of all our tables, empty, that forgets each test."""

import sys
from pathlib import Path

# The folders tests/sql and tests/geo must not be taken for our rooms of the same names.
sys.path.insert(0, str(Path(__file__).parents[1]))

import pytest

pytest.register_assert_rewrite("texttable")

from texttable import Warehouse, empty_warehouse  # noqa: E402


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
