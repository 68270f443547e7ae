"""What programs and catalogues read of a release: the data package, judged by frictionless, and the
schema.org Dataset."""

import csv
import hashlib
import json
import shutil

import pytest
from small_release import cell, release

from flows.publish import csv_metadata, datapackage, jsonld
from flows.publish.datapackage import columns
from flows.publish.described import KEYS, REFERENCES
from flows.publish.tables import BESIDE

THEME = "themes/cleaner_greener.csv"
JUDGED = (THEME, "localities.csv", "indicators.csv", "gaps.csv", "breaks.csv", "peers.csv")
JUDGED += ("funnels.csv", "changes.csv")

OTHERS = {
    "evidence.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "localities.gpkg": "application/geopackage+sqlite3",
    "localities.geojson": "application/geo+json",
    "quality/remarks.txt": "text/plain",
    "site/index.html": "text/html",
    "odd.bin": "application/octet-stream",
}
LEFT_OUT = ("manifest.json", "site/towns.html", "localities.gdb/a00.gdbtable")


def package(folder):
    return json.loads((folder / "datapackage.json").read_text("utf-8"))


class TestEveryFile:
    """A release of two towns with one table; what else lies in its folder is made up here."""

    @pytest.fixture
    def folder(self, tmp_path):
        for name in (*OTHERS, *LEFT_OUT, "gaps.csv"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(name.encode())
        datapackage.write(release([cell()]), {"gaps.csv": 0}, tmp_path)
        return tmp_path

    def test_is_described_with_its_bytes(self, folder):
        told = {r["path"]: r for r in package(folder)["resources"]}
        assert told.keys() == {*OTHERS, "gaps.csv", "csv-metadata.json"}
        for name, resource in told.items():
            content = (folder / name).read_bytes()
            assert resource["bytes"] == len(content)
            assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
            assert resource["description"].endswith(".")
        assert {n: told[n]["mediatype"] for n in OTHERS} == OTHERS
        assert len({r["name"] for r in told.values()}) == len(told)

    def test_a_table_that_is_not_there_is_referred_to_by_none(self, folder):
        (gaps,) = (r for r in package(folder)["resources"] if r["path"] == "gaps.csv")
        assert "foreignKeys" not in gaps["schema"]
        told = json.loads((folder / "csv-metadata.json").read_text("utf-8"))
        assert "foreignKeys" not in told["tables"][0]["tableSchema"]

    def test_the_same_release_the_same_bytes(self, folder):
        before = (folder / "datapackage.json").read_bytes()
        datapackage.write(release([cell()]), {"gaps.csv": 0}, folder)
        assert (folder / "datapackage.json").read_bytes() == before

    def test_figures_of_no_real_place_say_so_in_every_description(self, folder):
        assert package(folder)["invented"] is True
        for name in ("datapackage.json", "csv-metadata.json"):
            assert "INVENTED FIGURES" in (folder / name).read_text("utf-8")


class TestKeys:
    def test_a_key_is_made_of_columns_of_its_table(self):
        for table, key in KEYS.items():
            assert {*key} <= {c["name"] for c in columns(table)}
            for fields in REFERENCES.get(table, {}).values():
                assert {*fields} <= {c["name"] for c in columns(table)}

    def test_what_is_referred_to_is_known_by_just_that(self):
        for targets in REFERENCES.values():
            for name, fields in targets.items():
                assert KEYS[datapackage.FIELDS[name]] == fields
                assert name in BESIDE


class TestJudged:
    """By frictionless, which none of us wrote: the county's release, and copies broken on purpose."""

    @pytest.fixture(scope="class")
    def tables(self, released, tmp_path_factory):
        """One theme's table and those beside it, with their part of the package."""
        folder, latest = tmp_path_factory.mktemp("package"), released / "latest"
        (folder / "themes").mkdir()
        for name in JUDGED:
            shutil.copy(latest / name, folder / name)
        told = package(latest)
        told["resources"] = [r for r in told["resources"] if r["path"] in JUDGED]
        (folder / "datapackage.json").write_text(json.dumps(told), encoding="utf-8")
        return folder

    @pytest.fixture
    def broken(self, tables, tmp_path):
        """A function that spoils the first row of a table of a copy; the faults that are found."""

        def judge(name, changed, honest=True):
            folder = shutil.copytree(tables, tmp_path / "copy")
            with (folder / name).open(encoding="utf-8", newline="") as lines:
                rows = list(csv.DictReader(lines))
            rows[0] |= changed
            with (folder / name).open("w", encoding="utf-8", newline="") as stream:
                table = csv.DictWriter(stream, rows[0], lineterminator="\n")
                table.writeheader()
                table.writerows(rows)
            if honest:  # its bytes are told as they are
                rehash(folder, name)
            return faults(folder)

        return judge

    def test_the_release_is_valid(self, tables):
        assert faults(tables) == set()

    @pytest.mark.parametrize(
        ("name", "changed", "fault"),
        [
            (THEME, {"area_code": "X-F99"}, "foreign-key"),
            (THEME, {"indicator_id": "no_indicator"}, "foreign-key"),
            (THEME, {"period": "2025-13"}, "constraint-error"),
            (THEME, {"period_start": "2025-02-30"}, "type-error"),
            (THEME, {"value": "many"}, "type-error"),
            (THEME, {"marker": "[q]"}, "constraint-error"),
            (THEME, {"area_name": ""}, "constraint-error"),
            ("gaps.csv", {"gap": "forgotten"}, "constraint-error"),
            ("gaps.csv", {"indicator_id": "no_indicator"}, "foreign-key"),
            ("peers.csv", {"area_code": "X-F99"}, "foreign-key"),
            ("localities.csv", {"area_code": "X-F2", "area_kind": "town"}, "foreign-key"),
        ],
    )
    def test_a_copy_with_a_fault_is_not(self, broken, name, changed, fault):
        assert fault in broken(name, changed)

    def test_nor_one_whose_bytes_are_not_those_told(self, broken):
        assert "hash-count" in broken(THEME, {"note": "a word more"}, honest=False)

    def test_nor_one_with_a_row_twice(self, tables, tmp_path):
        folder = shutil.copytree(tables, tmp_path / "copy")
        lines = (folder / THEME).read_text("utf-8").splitlines(keepends=True)
        (folder / THEME).write_text("".join([*lines, lines[1]]), encoding="utf-8")
        rehash(folder, THEME)
        assert faults(folder) == {"primary-key"}


def faults(folder):
    from frictionless import Package

    report = Package(str(folder / "datapackage.json")).validate()
    return {kind for (kind,) in report.flatten(["type"])}


def rehash(folder, name):
    told = package(folder)
    (resource,) = (r for r in told["resources"] if r["path"] == name)
    content = (folder / name).read_bytes()
    resource |= {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
    resource["rows"] = content.count(b"\n") - 1
    (folder / "datapackage.json").write_text(json.dumps(told), encoding="utf-8")


class TestDataset:
    """What schema.org asks of a Dataset, and Google's dataset search."""

    def test_says_what_where_when_whose_and_under_which_licence(self):
        told = jsonld.dataset(release([cell(), cell(area_code="T2", value=None, marker="[c]")]))
        assert told["@context"] == "https://schema.org/" and told["@type"] == "Dataset"
        assert told["name"] == "Neighbourhood evidence for Exampleshire (invented)"
        assert told["description"].startswith("INVENTED FIGURES about an invented county")
        assert 50 <= len(told["description"]) <= 5_000
        assert told["temporalCoverage"] == "2024-07-01/2025-06-30"
        assert told["dateModified"] == "2026-01-04"
        assert told["license"].startswith("https://www.nationalarchives.gov.uk/doc/open-")
        assert [s["name"] for s in told["isBasedOn"]] == ["Street-level crime"]
        assert "licensed under the Open Government Licence" in told["creditText"]
        assert [v["name"] for v in told["variableMeasured"]] == ["Recorded crime, twelve months"]

    def test_the_box_is_in_degrees_latitude_first(self):
        """The county of the test is eight kilometres by four, at the false origin of the grid
        (49.7668 north, 7.5572 west), from where its western edge runs a little to the west."""
        box = jsonld.dataset(release([cell()]))["spatialCoverage"]["geo"]["box"]
        south, west, north, east = map(float, box.split())
        assert (south, west) == pytest.approx((49.7668, -7.5613), abs=0.0005)
        assert (north - south) * 111_200 == pytest.approx(4_000, rel=0.15)
        assert east - west == pytest.approx(8_000 / 111_200 / 0.646, rel=0.05)

    def test_files_are_named_from_where_the_page_lies(self):
        told = jsonld.dataset(release([cell()]), root="./")
        files = {d["contentUrl"] for d in told["distribution"]}
        assert {"./evidence.parquet", "./themes/safer_communities.csv"} <= files
        # of a theme without a figure there is no workbook
        assert not [f for f in files if "older_people" in f]
        assert all(d["encodingFormat"] for d in told["distribution"])
        told = jsonld.dataset(release([cell()]))
        assert {d["contentUrl"][:3] for d in told["distribution"]} == {"../"}

    def test_without_a_figure_there_is_no_span_of_time(self):
        told = jsonld.dataset(release([cell(value=None, marker="[x]")]))
        assert "temporalCoverage" not in told

    def test_is_plain_json(self):
        told = jsonld.dataset(release([cell()]))
        assert json.loads(json.dumps(told)) == told


def test_a_pattern_holds_the_whole_of_a_cell_and_a_word_is_no_pattern():
    assert csv_metadata._datatype("string", {"enum": ["[c]", "low"]})["format"] == r"^(\[c\]|low)$"
    assert csv_metadata._datatype("string", {"pattern": "a|b"})["format"] == "^(a|b)$"
    told = csv_metadata._datatype("integer", {"minimum": 1, "required": True})
    assert told == {"base": "integer", "minimum": 1}
