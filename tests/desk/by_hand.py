"""Releases and drafts made by hand, of a few cells that one can read aloud."""

import json
from pathlib import Path

from texttable import read

from sql import models

USUAL = {"area_kind": "town", "area_name": "Reedham", "area_code": "T1", "marker": None}
INDICATORS = {  # of the catalogue: what each counts, and where that is from
    "crimes_month": ("Crimes in the month", "crimes", "count", "police_crime"),
    "crime_rate_12_months": ("Crime, twelve months", "per 1,000", "rate", "police_crime"),
    "imd_score": ("Deprivation", "score", "weighted_mean", "indices_of_deprivation"),
}
COLUMNS = {
    **{"theme": ["VARCHAR"], "indicator_id": "VARCHAR", "indicator": "VARCHAR"},
    **{"area_kind": "VARCHAR", "edition": "VARCHAR", "area_code": "VARCHAR"},
    **{"area_name": "VARCHAR", "period": "VARCHAR", "period_start": "DATE", "period_end": "DATE"},
    **{"value": "DOUBLE", "marker": "VARCHAR", "unit": "VARCHAR", "comparator_value": "DOUBLE"},
    **{"source": "VARCHAR", "method": "VARCHAR", "note": "VARCHAR"},
}
PROTECTED = "quality/protected_cells.parquet"


class Shelf:
    """A data folder of hand-made releases of exampleshire."""

    def __init__(self, data: Path) -> None:
        self.data = data
        (data / "releases").mkdir(parents=True)
        (data / "place").write_text("exampleshire\n")
        self.before = ""

    def release(self, name: str, at: str = "", cells: str = "", **more) -> Path:
        """Publish cells (a text table: indicator_id, period, value and others)."""
        folder = self.fill(self.data / "releases" / name, name, at, cells, **more)
        with (self.data / "releases" / "order.txt").open("a") as order:
            order.write(f"{name}\n")
        self.before = name
        return folder

    def draft(self, number: int, state: str = "held", before: str | None = None, **more) -> Path:
        """A draft on record, and its files if it waits."""
        home = self.data / "drafts" / str(number)
        name = f"2027-01-01-{number:08d}"
        self.fill(home / "release", name, "", more.pop("cells", ""))
        (home / "warehouse.duckdb").write_bytes(b"w" * 100)
        told = {"number": number, "release": name, "state": state, "made_at": "2027-01-01T09:00:00"}
        told |= {"before": self.before if before is None else before, "rows": 2, "key": "k"}
        told |= {"tables": "t", "seal": "", "out": "", "place": "exampleshire"}
        (home / "draft.json").write_text(
            json.dumps(told | {"made_at": "2027-01-01T09:00:00+00:00"} | more)
        )
        return home

    def fill(
        self, folder, name, at, cells, by="", note="", files=None, beside=None, **about
    ) -> Path:
        """The files of a release: tables, pages, quality; ``beside``: other tables, as CSV."""
        for part in ("quality", "site", "themes"):
            (folder / part).mkdir(parents=True)
        rows = self._tables(folder, cells or "indicator_id | period | value\nimd_score | 2025 | 20")
        (folder / "site" / "index.html").write_text("pages")
        (folder / "themes" / "safer.csv").write_text("table")
        (folder / PROTECTED).write_bytes(name.encode())
        (folder / "quality" / "expectations.json").write_text(
            json.dumps(
                [
                    {"severity": "warning", "result": "broken"},
                    {"severity": "critical", "result": "held"},
                ]
            )
        )
        for table, text in (beside or {}).items():
            (folder / table).write_text(text)
        (folder / "changes.csv").write_text('theme,change\nsafer,new\n"safer",revised\n')
        published = {"at": at, "by": by, "note": note, "draft": 1, "how": "signed off"}
        manifest = self._manifest(name, files or {"police_crime": {"2025-05.csv": "a"}})
        manifest |= {"published": published} if at else {}
        (folder / "manifest.json").write_text(json.dumps(manifest | {"rows": rows} | about))
        return folder

    def _manifest(self, name, files):
        snapshots = [
            {"source": source, "name": n, "sha256": sha, "fetched_at": "2026-01-02T08:00:00+00:00"}
            for source, held in files.items()
            for n, sha in held.items()
        ]
        words = {"sources": {"police_crime": "Street-level crime"}, "events": ["police_crime"]}
        words |= {"indicators": dict.fromkeys(INDICATORS, "made so"), "area_kinds": {"town": "r"}}
        about = {"release": name, "before": self.before, "snapshots": snapshots, "code": "c"}
        about |= {"request": {"place": "exampleshire", "themes": []}, "catalogue": "v"}
        about |= {"editions": [{"area_kind": "town", "edition": None}]}
        return about | {"entries": words | {"kinds": {"town": "Towns"}}}

    def _tables(self, folder, cells):
        names, listed = read(cells)
        rows = []
        for line in listed:
            row = USUAL | dict(zip(names, line, strict=True))
            label, unit, method, source = INDICATORS.get(
                row["indicator_id"], ("Falls", "people", "count", "falls")
            )
            year, month = (row["period"] or "2025")[:4], (row["period"] or "")[5:7] or "12"
            ends = {"period_start": f"{year}-{month}-01", "period_end": f"{year}-{month}-28"}
            told = {"indicator": label, "unit": unit, "method": method, "source": source}
            rows.append({"theme": ["safer"]} | told | (ends if row["period"] else {}) | row)
        with models.connect(spatial=False) as con:
            models.load_rows(con, "evidence.cells", COLUMNS, rows)
            con.table("evidence.cells").write_parquet(str(folder / "evidence.parquet"))
            names = dict.fromkeys(
                ("indicator_id", "method", "source", "denominator_source", "source_label"),
                "VARCHAR",
            )
            mine = [r | {"denominator_source": None, "source_label": r["source"]} for r in rows]
            models.load_rows(con, "evidence.named", names, mine)
            told = con.table("evidence.named").distinct().order("indicator_id")
            told.write_csv(str(folder / "indicators.csv"), header=True)
        return len(rows)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its name, with what is in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }
