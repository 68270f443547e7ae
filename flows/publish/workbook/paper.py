"""One .xlsx file, sheet by sheet, as the Government Analysis Function asks for them.

Text is always written as text: nothing in the data becomes a formula or a link. XlsxWriter keeps
sixteen digits of a number; released ones have six decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from flows.publish.workbook.columns import FORMATS, Column, clean

LINE = 15.75  # points that a line of Arial 12 takes
TALLEST = 409  # points that Excel allows a row
LONGEST_HEADING = 250  # characters: Excel allows 255 of a table's headings and of a title
A4 = 9
COVER = 112  # characters of the cover's one column
NARROWEST, WIDEST = 8, 60  # characters of a column, whatever its heading
OPTIONS = {
    "in_memory": True,
    "default_format_properties": {"font_name": "Arial", "font_size": 12, "font_scheme": "none"},
    "default_column_width": 80,  # pixels: what Excel gives a column for Arial 12
}
BOLD = 1.1  # how much wider bold letters are
# Widths of Arial's letters in digits, where they are not about one.
WIDE = (
    dict.fromkeys("ijl'|", 0.41)
    | dict.fromkeys(" .,:;!ftI/[]()-r", 0.57)
    | dict.fromkeys("ckszvxyJ", 0.9)
    | dict.fromkeys("ABEFKPSTVXYZ&", 1.22)
    | dict.fromkeys("CDGHNOQRUw", 1.35)
    | dict.fromkeys("mMW%@…", 1.6)
)
TOP = {"valign": "top"}
RIGHT = {"align": "right", "indent": 1}  # apart from the text that follows
HEAD = {"bold": True, "text_wrap": True, "bottom": 1, "valign": "bottom"}
STYLES = {
    "title": {"bold": True, "font_size": 16, **TOP},
    "wrapped title": {"bold": True, "font_size": 16, "text_wrap": True, **TOP},
    "heading": {"bold": True, "font_size": 14, "text_wrap": True, **TOP},
    "line": TOP,
    "text": {"text_wrap": True, **TOP},
    "marker": RIGHT | TOP,
    "link": {"font_color": "#0000EE", "underline": 1, **TOP},
    "head": HEAD,
    "number head": HEAD | RIGHT,
} | {shown: {"num_format": shown, **RIGHT, **TOP} for shown in FORMATS}


class Paper:
    """A workbook while it is written; ``close`` makes the file."""

    def __init__(self, path: Path, title: str, author: str, subject: str, made: date) -> None:
        self.book = Workbook(str(path), OPTIONS)
        self.book.set_properties(
            {
                "title": clean(title)[:LONGEST_HEADING],
                "author": clean(author)[:LONGEST_HEADING],
                "subject": clean(subject)[:LONGEST_HEADING],
                "created": datetime(made.year, made.month, made.day),
            }
        )
        self.styles = {name: self.book.add_format(told) for name, told in STYLES.items()}

    def sheet(self, name: str) -> Worksheet:
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
        return sheet

    def cover(self, name: str, lines: Sequence[tuple[str, str]], links: Sequence[str]) -> None:
        """A sheet of lines in one column: the style of each, and what it says."""
        sheet = self.sheet(name)
        sheet.set_column(0, 0, COVER)
        for row, (style, said) in enumerate(lines):
            style = "wrapped title" if style == "title" else style
            big = STYLES[style].get("font_size", 12) / 12
            room = COVER / big / (BOLD if big > 1 else 1)
            sheet.set_row(row, min(TALLEST, LINE * big * _lines(clean(said), room) + 4))
            sheet.write_string(row, 0, clean(said), self.styles[style])
        for row, to in enumerate(links, len(lines)):
            self._link(sheet, row, to, f"Go to the worksheet {to}")

    def table(
        self,
        name: str,
        lines: Sequence[tuple[str, str]],
        table: str,
        columns: Sequence[Column],
        linked: bool = False,
    ) -> None:
        """A sheet of one table below some lines; ``linked``: its first column names sheets."""
        sheet = self.sheet(name)
        for row, (style, said) in enumerate(lines):
            if style == "link":
                self._link(sheet, row, said, f"Back to the worksheet {said}")
            else:
                sheet.write_string(row, 0, clean(said), self.styles[style])
        sheet.set_row(0, LINE * 16 / 12 + 4)
        head = len(lines)
        widths = [_width(column) for column in columns]
        for position, width in enumerate(widths):
            sheet.set_column(position, position, width)
        headings = [
            {
                "header": clean(column.heading)[:LONGEST_HEADING],
                "header_format": self.styles["head" if column.values is None else "number head"],
            }
            for column in columns
        ]
        sheet.add_table(
            *(head, 0, head + len(columns[0].codes), len(columns) - 1),
            {"name": table, "columns": headings, "autofilter": False, "style": None}
            | {"banded_rows": False},
        )
        tall = max(_lines(h["header"], w / BOLD) for h, w in zip(headings, widths, strict=True))
        sheet.set_row(head, min(TALLEST, LINE * tall + 3))
        sheet.repeat_rows(head)
        self._fill(sheet, columns, widths, head + 1)
        for row, to in enumerate(columns[0].codes if linked else (), head + 1):
            self._link(sheet, row, columns[0].words[to], columns[0].words[to])

    def close(self) -> None:
        self.book.close()

    def _link(self, sheet: Worksheet, row: int, to: str, said: str) -> None:
        quoted = to.replace("'", "''")
        sheet.write_url(row, 0, f"internal:'{quoted}'!A1", self.styles["link"], clean(said))

    def _fill(
        self, sheet: Worksheet, columns: Sequence[Column], widths: Sequence[float], first: int
    ) -> None:
        """The rows of a table, a column at a time, each as tall as its text wants."""
        tall = np.ones(len(columns[0].codes), dtype=int)
        for position, (column, width) in enumerate(zip(columns, widths, strict=True)):
            if column.values is None:
                lines = [_lines(word, width) for word in column.words]
                tall = np.maximum(tall, np.array(lines, dtype=int)[column.codes])
                _words(sheet, column, first, position, self.styles["text"])
            else:
                _words(sheet, column, first, position, self.styles["marker"])
                shown = [self.styles[told] for told in FORMATS]
                for row in np.flatnonzero(column.codes < 0).tolist():
                    style = shown[column.formats[row]]
                    sheet.write_number(first + row, position, column.values[row], style)
        for row in np.flatnonzero(tall > 1).tolist():
            sheet.set_row(first + row, min(TALLEST, LINE * int(tall[row]) + 1))


def _words(sheet: Worksheet, column: Column, first: int, position: int, style: Any) -> None:
    """The words of a column, where it has words."""
    for row, code in enumerate(column.codes.tolist(), first):
        if code >= 0:
            sheet.write_string(row, position, column.words[code], style)


def _width(column: Column) -> float:
    """How many characters wide a column is: as its longest word wants, within its cap."""
    said = [*column.said, *([] if column.values is None else [_widest(column)])]
    heading = max(_size(word) * BOLD for word in clean(column.heading).split())
    heading = min(heading, WIDEST)
    inside = min(column.cap, max((_size(word) for word in said), default=0))
    return round(max(NARROWEST, heading, inside) + (1 if column.values is None else 2))


def _widest(column: Column) -> str:
    size = np.abs(column.values[column.codes < 0])
    return f"{size.max():,.0f}" if size.size and size.max() >= 1000 else "-0.00000"


@lru_cache(10_000)
def _lines(said: str, width: float) -> int:
    """How many lines a text takes in a column of so many characters."""
    lines, left = 1, width
    for word in said.split(" "):
        size = _size(word)
        if size > left and left < width:
            lines, left = lines + 1, width
        lines += int(size // width) if size > width else 0
        left -= min(size, width) + _size(" ")
    return lines


@lru_cache(10_000)
def _size(said: str) -> float:
    """How wide a text is in Arial, in digits (which is what Excel measures columns by)."""
    return sum(WIDE.get(letter, 1) for letter in said)
