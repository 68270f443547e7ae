"""The door of the data-quality room: suite files in, the sentences that are broken out.

A suite is ``expectations/<schema.table>.toml``: Great Expectations types and kwargs, and for each
an id, a severity (critical, warning), an action (stop, report) and a because. Great Expectations
drops unknown types and severities without a word and passes empty tables, so the loader here is
strict.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.later import later

if TYPE_CHECKING:
    import pandas as pd

HERE = Path(__file__).parent
KEYS = {"id", "type", "severity", "action", "because", "kwargs"}
SEVERITIES = {"critical": "stop", "warning": "report"}
FIRST = ("expect_table_row_count_to_be_between", "expect_table_columns_to_match_set")


class SuiteFault(Exception):
    """A suite file that would not check what it says."""


@dataclass(frozen=True)
class Outcome:
    """One expectation on one table. ``result`` is held, broken, or error (it could not be
    judged)."""

    table: str
    id: str
    type: str
    severity: str
    action: str
    result: str
    because: str
    broken_rows: int
    examples: tuple[str, ...]
    told: str = ""

    @property
    def sentence(self) -> str:
        """What is broken, for a person."""
        shown = f" ({self.broken_rows} rows, such as {', '.join(self.examples)})"
        return f"{self.table} {self.id}: {self.because}{shown if self.examples else ''}{self.told}"


def as_row(outcome: Outcome) -> dict[str, Any]:
    """An outcome as plain values, for a report."""
    return {**asdict(outcome), "examples": list(outcome.examples)}


@cache
def suites(folder: Path = HERE) -> Mapping[str, list[dict[str, Any]]]:
    """``schema.table`` -> its expectations, every suite file checked; SuiteFault names what is
    wrong."""
    read = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            found = tomllib.loads(path.read_text("utf-8"))
        except tomllib.TOMLDecodeError as why:
            raise SuiteFault(f"{path.name}: it is not valid TOML ({why})") from why
        entries = found.pop("expectation", [])
        if found:
            raise SuiteFault(f"{path.name}: unknown entries: {', '.join(found)}")
        _check_suite(path.name, entries)
        read[path.stem] = entries
    return read


def _check_suite(name: str, entries: list[dict[str, Any]]) -> None:
    types = [e.get("type") for e in entries]
    for wanted in FIRST:
        if wanted not in types[:2]:
            raise SuiteFault(f"{name}: it must begin with {' and '.join(FIRST)}")
    ids = [e.get("id") for e in entries]
    for entry in entries:
        where = f"{name}, {entry.get('id', 'an expectation without id')}"
        if set(entry) != KEYS:
            odd = sorted(set(entry) ^ KEYS)
            raise SuiteFault(f"{where}: keys that are unknown or missing: {', '.join(odd)}")
        if SEVERITIES.get(entry["severity"]) != entry["action"]:
            raise SuiteFault(
                f"{where}: severity critical goes with action stop, warning with report"
            )
        if ids.count(entry["id"]) > 1:
            raise SuiteFault(f"{where}: the id stands twice")


@cache
def _great_expectations() -> Any:
    """The library, quiet. It takes seconds to load, a third of them for its charts and its tests of
    distributions, which no suite of ours asks for: those are left until one does."""
    import logging

    with later("altair", "scipy.stats"):
        import great_expectations as gx

    for name in ("great_expectations", "great_expectations.data_context.types.base"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return gx


@cache
def _batches() -> Any:
    """Where Great Expectations takes frames from; made once, for it takes a while."""
    gx = _great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("rows")
    return asset.add_batch_definition_whole_dataframe("all")


def check(
    table: str,
    rows: pd.DataFrame,
    entries: list[dict[str, Any]],
    weights: Sequence[int] | None = None,
) -> list[Outcome]:
    """Judge the rows of a table (its needed columns, unnamed index) by the expectations.

    ``weights``: for how many rows of the table each row of the frame stands, where it is not one.
    """
    batch = _batches().get_batch(batch_parameters={"dataframe": rows})

    def judged(some: list[dict[str, Any]], told: str) -> dict[str, Any]:
        results = batch.validate(_suite(table, some), result_format=told).results
        return {r.expectation_config.meta["id"]: r for r in results}

    # to gather which rows are broken takes longer than to judge: asked only of those that may have
    # any, which "mostly" allows in one that holds
    found = judged(entries, "BOOLEAN_ONLY")
    some = [e for e in entries if "mostly" in e["kwargs"] or not found[e["id"]].success]
    if some:
        found |= judged(some, "SUMMARY" if weights is None else "COMPLETE")
    return [_outcome(table, entry, found[entry["id"]], rows, weights) for entry in entries]


def _suite(table: str, entries: list[dict[str, Any]]) -> Any:
    """The entries as a suite of Great Expectations; SuiteFault if it drops one."""
    gx = _great_expectations()
    suite = gx.ExpectationSuite(name=table)
    for entry in entries:
        known = gx.expectations.registry.get_expectation_impl(entry["type"])
        suite.add_expectation(
            known(**entry["kwargs"], severity=entry["severity"], meta={"id": entry["id"]})
        )
    if len(suite.expectations) != len(entries):
        raise SuiteFault(
            f"{table}: Great Expectations kept {len(suite.expectations)} of {len(entries)}"
        )
    return suite


def _outcome(
    table: str,
    entry: dict[str, Any],
    judged: Any,
    rows: pd.DataFrame,
    weights: Sequence[int] | None,
) -> Outcome:
    raised = [
        e["exception_message"]
        for e in _exceptions(judged.exception_info or {})
        if e.get("raised_exception")
    ]
    result = "held" if judged.success else "error" if raised else "broken"
    detail = judged.result or {}
    broken = int(detail.get("unexpected_count") or 0)
    if weights is not None:
        broken = sum(weights[at] for at in detail.get("unexpected_index_list") or ())
    return Outcome(
        table=table,
        id=entry["id"],
        type=entry["type"],
        severity=entry["severity"],
        action=entry["action"],
        result=result,
        because=entry["because"],
        broken_rows=broken,
        examples=tuple(_examples(detail, rows))[:3],
        told=f" It could not be judged: {raised[0]}"
        if raised
        else _observed(detail, judged.success),
    )


def _examples(detail: Mapping[str, Any], rows: pd.DataFrame) -> Iterator[str]:
    """Broken values, each with the first column of its row, which says whose it is."""
    values = detail.get("partial_unexpected_list") or []
    places = detail.get("partial_unexpected_index_list") or []
    for place, value in zip(places, values, strict=False):
        yield f"{rows.iloc[place, 0]}: {value}" if len(rows.columns) > 1 else f"{value}"


def _observed(detail: Mapping[str, Any], success: bool) -> str:
    seen = detail.get("observed_value")
    return "" if success or seen is None else f" Found: {seen}"


def _exceptions(info: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """GX gives one exception record, or one for each metric."""
    return (
        [info] if "raised_exception" in info else [v for v in info.values() if isinstance(v, dict)]
    )
