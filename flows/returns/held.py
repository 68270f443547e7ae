"""Figures that are not open: built by themselves, and written beside the releases, never in them.

``data/partner/<release>/`` and ``data/restricted/<release>/`` hold evidence.csv with the columns
of the tidy table, what could not be read, and a README.txt that says whose figures these are, what
for, and until when.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import changes, drafts, judging, localities, outputs, protecting, staging, warehouse
from flows.jobs import Job
from flows.returns.sharing import Kept, may_see
from flows.snapshots import to_disk
from sql import models

if TYPE_CHECKING:
    import duckdb

DRAFT = ".draft"  # until it has the number of the draft that it goes with
WHO = {
    "partner": "members of the partnership; not for publication",
    "restricted": "those whom the purpose below names, and nobody else; not for publication",
}


@dataclass
class Held:
    """What is written for a sharing tier before it has a release's name; or why it cannot be."""

    sharing: str
    folder: Path
    key: str
    faults: list[str] = field(default_factory=list)
    exposed: list[str] = field(default_factory=list)  # what could be told of single people


def build(jobs: dict[str, Job], returns: list[Kept], today: date, standing: str) -> list[Held]:
    """The figures of each tier, drafted where the ``standing`` release (empty: a new one is due)
    has not the same already."""
    return [
        _draft(job, sharing, [r for r in returns if may_see(r.told, sharing)], today)
        for sharing, job in wanted(jobs, standing).items()
    ]


def wanted(jobs: dict[str, Job], standing: str) -> dict[str, Job]:
    """The tiers of which the ``standing`` release (empty: a new one is due) has not the same
    already."""
    return {
        sharing: job
        for sharing, job in jobs.items()
        if not standing or _key(job.data / sharing / standing) != job.key()
    }


def keep(drafted: Iterable[Held], release: str, number: int) -> list[str]:
    """Put each beside the draft of the release that it goes with; where it will be, told."""
    said = []
    for one in drafted:
        about = json.loads((one.folder / "manifest.json").read_text("utf-8"))
        _write_json(one.folder / "manifest.json", {"release": release, **about})
        for path in one.folder.iterdir():
            to_disk(path)
        beside = one.folder.with_name(f"{drafts.HELD}{number}")
        shutil.rmtree(beside, ignore_errors=True)
        one.folder.rename(beside)
        target = one.folder.with_name(release) / "evidence.csv"
        said.append(f"held for {WHO[one.sharing].partition(';')[0]}: {target}")
    return said


def _key(folder: Path) -> str:
    path = folder / "manifest.json"
    return json.loads(path.read_text("utf-8"))["key"] if path.exists() else ""


def _draft(job: Job, sharing: str, returns: list[Kept], today: date) -> Held:
    folder = job.data / sharing / DRAFT
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    draft, gaps = Held(sharing, folder, job.key()), job.gaps()
    since, until = (
        date.fromisoformat(f"{month}-01") if month else None
        for month in (job.request.since, job.request.until)
    )
    with models.connect() as con:  # in memory: nothing of it outlives the run but what is written
        staging.load(con, job.book, job.store, job.staged)
        warehouse.load_catalogue(con, job.book, since, until, gaps, job.stale())
        localities.place(con, job.book, job.store, job.files, job.staged, job.chosen)
        judging.judge(con)
        changes.empty(con)  # what is not open has no table of changes
        warehouse.finish(con)
        outcomes = outputs.check(con, job.book, job.store)
        protection = protecting.audit(con, job.book, job.data)
        broken = [o for o in outcomes if o.result != "held"]
        draft.faults = [f"{sharing}: {o.sentence}" for o in broken if o.severity == "critical"]
        draft.exposed = [f"{sharing}: {fault}" for fault in protection.faults]
        _tables(con, folder)
        protecting.write(con, protection, folder)
    told = [o.sentence for o in broken]
    told += [f"{job.book.source[s].label}: {reason}" for s, reason in gaps.items()]
    if job.book.place.invented:
        told.insert(0, "INVENTED FIGURES about an invented county: no fact about any real place.")
    readme = _readme(sharing, returns, told, today)
    (folder / "README.txt").write_text("\n".join(readme) + "\n", encoding="utf-8")
    snapshots = [
        asdict(s) for n in job.book.needed_sources() for s in job.store.current(n.id).values()
    ]
    about = {"sharing": sharing, "key": draft.key, "catalogue": job.book.version}
    _write_json(folder / "manifest.json", about | {"snapshots": snapshots})
    return draft


def _tables(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The tidy table, as a theme partnership's CSV shows it, and the rows that cannot be read."""
    rows = con.sql(
        "select * exclude (theme_id) from evidence.theme_rows"
        " semi join (select indicator_id, min(theme_id) as theme_id from evidence.theme_rows"
        " group by indicator_id) using (indicator_id, theme_id)"
        " order by indicator_id, area_kind, area_code, period_start nulls first, period"
    )
    rows.write_csv(str(folder / "evidence.csv"), header=True)
    lost = con.sql("select * from core.quarantine where source = 'partner_return'")
    lost.write_csv(str(folder / "quarantine.csv"), header=True)


def _readme(sharing: str, returns: list[Kept], told: list[str], today: date) -> list[str]:
    lines = [f"Who may see these figures: {WHO[sharing]}.", *told, ""]
    for one in returns:
        said = one.told
        lines += [
            f"{said.label} ({said.id})",
            f"  counts:    {said.counts}",
            f"  from:      {said.who}, on {said.given_on.isoformat()}",
            f"  purpose:   {said.purpose}",
            f"  expires:   {said.expires.isoformat()}"
            + (": EXPIRED. Delete what was made of it, or ask again." * said.expired(today)),
            f"  protected: counts are rounded to {said.rounds_to}, so that no group under"
            f" {said.threshold} can be told"
            if said.threshold > 1
            else "  protected: no, it counts nobody",
            "",
        ]
    return lines


def _write_json(path: Path, value: dict[str, Any]) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n"
    path.write_text(text, encoding="utf-8")
