"""Libraries that another imports for what it is never asked here: loaded when first they are used.

(``importlib.util.LazyLoader`` does not do: a second import statement has it load at once.)
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """In a module's place until anything is asked of it."""

    def __getattr__(self, name: str) -> Any:
        _take_away(self)
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def later(*names: str) -> Iterator[None]:
    """Modules that are not loaded yet are not loaded by imports within, but at their first use."""
    waiting = [_Later(name) for name in names if name not in sys.modules]
    sys.modules.update({module.__name__: module for module in waiting})
    try:
        yield
    finally:
        for module in waiting:
            _take_away(module)


def _take_away(module: _Later) -> None:
    if sys.modules.get(module.__name__) is module:
        del sys.modules[module.__name__]
