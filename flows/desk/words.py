"""Markdown for the officer's page: what comes from data is shown as it stands and does nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flows.figures import MONTHS

MOST = 20  # lines of a list; the rest is counted
SPECIAL = re.compile(r"([\\`*_\[\]|~])")
LEADING = re.compile(r"^(\d+(?=[.)])|)([-+#=.)])")
# In cells of tables one of Prefect's two pages reads markup, and the other shows it as it stands:
# look-alikes mean nothing to either.
INERT = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")", "`": "'", "*": "∗", "|": "¦"})


def plain(told: Any) -> str:
    """A text of data within Markdown: no markup, no HTML, no link, no second line."""
    text = html.escape(" ".join(str(told).split()), quote=False)
    text = LEADING.sub(r"\1\\\2", SPECIAL.sub(r"\\\1", text))
    return text.replace("://", "&#58;//").replace("www.", "www&#46;").replace("@", "&#64;")


def inert(told: Any) -> Any:
    """A value of data within a table's cell; a number stays one."""
    return " ".join(told.split()).translate(INERT) if isinstance(told, str) else told


def code(told: Any) -> str:
    """A path or a command, to be copied."""
    return f"`{' '.join(str(told).replace('`', ' ').split())}`"


def section(title: str, lines: Sequence[str], *, most: int = MOST) -> list[str]:
    """A heading and a list; nothing where the list is empty."""
    if not lines:
        return []
    rest = len(lines) - most
    more = [f"- and {rest:,} more"] if rest > 0 else []
    return ["", f"## {title}", "", *(f"- {plain(line)}" for line in lines[:most]), *more]


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """A table; nothing where it has no rows. A column whose name ends in # is of numbers."""
    told = [f"| {' | '.join(plain(cell) for cell in row)} |" for row in rows]
    if not told:
        return []
    heads = " | ".join(name.rstrip("#") for name in columns)
    rule = " | ".join("---:" if name.endswith("#") else "---" for name in columns)
    return ["", f"| {heads} |", f"| {rule} |", *told]


def day(when: date) -> str:
    """22 November 2026."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"
