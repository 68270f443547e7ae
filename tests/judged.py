"""Great Expectations judges the same rows by the same suite once in a process.

Its verdict hangs on the rows and the suite alone, and takes it a fifth of a second; some forty
refreshes of one invented county would ask for a thousand of the same.
"""

import hashlib
import pickle
from contextlib import contextmanager

import pytest

from expectations import checks

KNOWN = {}


@contextmanager
def once():
    """What was judged before is looked up: the same table, rows, expectations and weights."""
    judge = checks.check

    def check(table, rows, entries, weights=None):
        asked = hashlib.sha256(pickle.dumps((table, rows, entries, weights))).digest()
        if asked not in KNOWN:
            KNOWN[asked] = judge(table, rows, entries, weights)
        return list(KNOWN[asked])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "check", check)
        yield
