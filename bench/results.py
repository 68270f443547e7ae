"""Tables for people, and ``bench/results.md`` with a section for each run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("results.md")
TITLE = (
    "# What was measured\n\nWritten by `python -m bench.run`; each section by one run. Read ratios,"
    " not seconds: they are medians over rounds\nin which every method ran once.\n"
)


@dataclass(frozen=True)
class Bar:
    """What must hold, what was measured, and whether it holds; None where it was not measured."""

    says: str
    measured: str
    holds: bool | None

    @property
    def verdict(self) -> str:
        return {True: "PASS", False: "FAIL", None: "not measured"}[self.holds]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown with even columns."""
    every = [header, *rows]
    width = [max(len(row[i]) for row in every) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        return "| " + " | ".join(c.ljust(w) for c, w in zip(row, width, strict=True)) + " |"

    return "\n".join([line(header), line(["-" * w for w in width]), *map(line, rows)])


def bars(found: Sequence[Bar]) -> str:
    """The bars as a table."""
    return table(["bar", "measured", ""], [[b.says, b.measured, b.verdict] for b in found])


def keep(section: str, body: str, file: Path = FILE) -> None:
    """Put a section into the file, in place of the one of that name."""
    text = file.read_text("utf-8") if file.exists() else TITLE
    head, *parts = text.split("\n## ")
    by_name = {part.split("\n", 1)[0]: part for part in parts}
    by_name[section] = f"{section}\n\n{body.strip()}\n"
    file.write_text("\n## ".join([head, *by_name.values()]), "utf-8")
