"""How a fault in an entry is said: the entry by its id, the key, and the nearest known word."""

from __future__ import annotations

import difflib
import re
from typing import Any, get_args

from pydantic import BaseModel


def nearest(word: str, known: list[str]) -> str:
    """`` Did you mean 'x'?`` for the nearest known word, or nothing."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f" Did you mean '{found[0]}'?" if found else ""


def sentence(error: Any, kind: type[BaseModel], data: Any) -> str:
    """One pydantic error in plain words, with the nearest known key or value."""
    path = [str(p) for p in error["loc"]]
    where = _where(error["loc"], data)
    if error["type"] == "extra_forbidden":
        return f"unknown key {where}.{nearest(path[-1], _keys(kind, path))}"
    if error["type"] == "missing":
        return f"key {where} is missing. Add it."
    if error["type"] == "literal_error":
        known = re.findall(r"'([^']+)'", error["ctx"]["expected"])
        close = nearest(str(error["input"]), known)
        return f"{where}: '{error['input']}' is not known.{close} Known: {', '.join(known)}."
    return f"{where}: {error['msg']} (found {error['input']!r:.60})."


def _where(path: tuple[Any, ...], data: Any) -> str:
    """A path as a person finds it: an entry of a list by its id."""
    words: list[str] = []
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
            words.append(str(step))
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
            name = data.get("id", step + 1) if isinstance(data, dict) else step + 1
            words[-1:] = [f"{words[-1].removesuffix('s')} '{name}'"] if words else [str(name)]
        else:
            words.append(str(step))
    *before, last = words or ["the entry"]
    return ", ".join([*before, f"'{last}'" if "'" not in last else last])


def _keys(kind: type[BaseModel], path: list[str]) -> list[str]:
    """The keys that the model at a path knows."""
    for step in path[:-1]:
        if step in kind.model_fields:
            inner = kind.model_fields[step].annotation
            while get_args(inner):
                inner = next(a for a in get_args(inner) if a not in (type(None), ...))
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                kind = inner
    return list(kind.model_fields)
