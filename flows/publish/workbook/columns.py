"""Columns of worksheets, prepared once for all workbooks: words by their code, numbers as they
are."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
LONGEST_TEXT = 32_767  # of a cell, in units of UTF-16
# The digits that flows.figures.number shows of a number; the cell itself holds the number.
FORMATS = (
    *("#,##0", "#,##0.0", "#,##0.00"),
    *("0.00##", "0.00###", "0.00####", "0.00E+00"),
)


def clean(text: Any) -> str:
    """A text as a cell may hold it: on one line, without characters that XML forbids."""
    said = str(text)
    if not said.isprintable():
        said = NOT_TEXT.sub("", re.sub(r"[\t\r\n]+", " ", said))
    if said.startswith("<r>"):  # XlsxWriter would take it for XML of its own
        said = " " + said
    if len(said) > LONGEST_TEXT // 2 and len(said.encode("utf-16-le")) > 2 * LONGEST_TEXT:
        kept = said.encode("utf-16-le")[: 2 * (LONGEST_TEXT - 1)]
        said = kept.decode("utf-16-le", errors="ignore") + "…"
    return said if said.strip() else "[x]"


@dataclass(frozen=True)
class Column:
    """A column: for each row the code of its word, or -1 where it is a number.

    ``cap`` is the width in characters beyond which its text is wrapped.
    """

    heading: str
    codes: np.ndarray
    words: tuple[str, ...]
    values: np.ndarray | None = None
    formats: np.ndarray | None = None  # which of FORMATS each wants
    cap: int = 30

    def take(self, rows: np.ndarray) -> Column:
        """The column of these rows only."""
        kept = {n: getattr(self, n) for n in ("values", "formats")}
        kept = {n: None if of is None else of[rows] for n, of in kept.items()}
        return replace(self, codes=self.codes[rows], **kept)

    @cached_property
    def used(self) -> np.ndarray:
        """The codes of the words that stand in a row."""
        found = np.unique(self.codes)
        return found[found >= 0]

    @property
    def said(self) -> list[str]:
        return [self.words[code] for code in self.used]


def formats(values: np.ndarray) -> np.ndarray:
    """Which of FORMATS each number wants."""
    size = np.abs(np.nan_to_num(values))
    small = np.clip(np.floor(-np.log10(np.where(size > 0, size, 1))), 1, 4).astype(int)
    plain = (size >= 1000) | (size == np.floor(size))
    return np.select([plain, size >= 100, size >= 0.1], [0, 1, 2], default=2 + small)


def text(heading: str, said: Any, missing: Any = "[x]", cap: int = 30) -> Column:
    """A column of words; what is missing is said by ``missing``, a word or one for each row."""
    codes, words = coded(said)
    others, other_words = coded(missing if not isinstance(missing, str) else [missing])
    codes = np.where(codes < 0, others + len(words), codes)
    return Column(heading, codes, words + other_words, cap=cap)


def numbers(heading: str, values: Any, missing: Any) -> Column:
    """A column of numbers; what is missing is said by ``missing``, as in ``text``."""
    values = pd.Series(values).to_numpy(dtype=float, na_value=np.nan)
    there = np.isfinite(values)
    codes, words = coded(missing if not isinstance(missing, str) else [missing])
    codes = np.where(there, -1, codes)
    return Column(heading, codes, words, values, formats(values))


def coded(said: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """For each row the code of its text, -1 where there is none; and the texts."""
    if isinstance(said, list):  # short: pandas would take longer
        of: dict[str, int] = {}
        codes = [-1 if word is None else of.setdefault(word, len(of)) for word in said]
        return np.array(codes, dtype=int), tuple(clean(word) for word in of)
    codes, words = pd.factorize(pd.Series(said, dtype=object))
    return codes, tuple(clean(word) for word in words)
