"""The CSV on the Web descriptions, read by ``csvw``, and the JSON-LD, read by ``rdflib``: two
programs that none of us wrote. The first takes a table row by row and stops at its first fault: it
judges a small one."""

import json
import shutil
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

pytest.importorskip("csvw", reason="csvw is not installed: pip install -e '.[readers]'")
sys.path.insert(0, str(Path(__file__).parents[1] / "publish"))

from small_release import cell, release

from flows.publish import jsonld

THEME = "themes/cleaner_greener.csv"
ROWS = 400
BESIDE = ("gaps.csv", "breaks.csv", "peers.csv", "funnels.csv", "changes.csv")
BESIDE += ("localities.csv", "indicators.csv")


@pytest.fixture(scope="module")
def origin(released, tmp_path_factory):
    """A theme's first rows and all tables beside them, with the descriptions next to them."""
    folder, latest = tmp_path_factory.mktemp("tables"), released / "latest"
    (folder / "themes").mkdir()
    with (latest / THEME).open(encoding="utf-8") as lines:
        shown = [line for _, line in zip(range(ROWS), lines, strict=False)]
    (folder / THEME).write_text("".join(shown), encoding="utf-8")
    shutil.copy(latest / f"{THEME}-metadata.json", folder / "themes")
    for name in ("csv-metadata.json", *BESIDE):
        shutil.copy(latest / name, folder)
    return folder


@pytest.fixture
def tables(origin, tmp_path):
    """A copy to break, and the address under which it is served."""
    folder = shutil.copytree(origin, tmp_path / "tables")
    handler = partial(Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *told):
        pass


def found(address):
    """What the reader finds of a CSV file by itself, and what it finds wrong."""
    from csvw import CSVW

    data = CSVW(address, validate=True)
    return data, [] if data.is_valid else [str(w.message) for w in data.warnings] or ["?"]


def test_a_theme_s_table_is_found_described_by_itself_and_read_with_its_types(tables):
    data, faults = found(f"{tables[1]}/{THEME}")
    assert faults == []
    rows = data.to_json(minimal=True)
    assert len(rows) == ROWS - 1
    numbers = [row["value"] for row in rows if "value" in row]
    assert numbers and all(isinstance(n, int | float) for n in numbers)
    assert {len(row["period_start"]) for row in rows if "period_start" in row} == {10}
    assert {row["sensitive"] for row in rows if "sensitive" in row} <= {True, False}


def test_the_tables_beside_it_are_found_described_together(tables):
    data, faults = found(f"{tables[1]}/gaps.csv")
    assert faults == []
    assert {table.url.string for table in data.tables} == set(BESIDE)
    assert "INVENTED FIGURES" in data.common_props["dc:description"]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (THEME, ",2025,", ",2025-13,"),
        (THEME, ",2025-10-30,", ",2025-02-30,"),
        ("gaps.csv", ",period not covered,", ",forgotten,"),
        ("breaks.csv", "\naged_0_to_15,", "\nno_indicator,"),
        ("localities.csv", ",X-F2,", ",X-F99,"),
        ("localities.csv", ",X-F2,", ",X-F1,"),
        ("funnels.csv", "indicator_id,", "topic,"),
    ],
)
def test_a_copy_with_a_fault_is_not_valid(tables, name, old, new):
    folder, address = tables
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    try:
        _, faults = found(f"{address}/{name}")
    except ValueError as why:  # it stops at its first fault
        faults = [str(why)]
    assert faults


def test_the_dataset_is_linked_data_of_schema_org():
    """Each word is one of the vocabulary's once it is expanded, and nothing is lost on the way."""
    from rdflib import RDF, Graph, Namespace

    schema = Namespace("https://schema.org/")
    told = jsonld.dataset(release([cell()]))
    # the vocabulary as it is, without asking the network for it
    told["@context"] = {"@vocab": str(schema), "@base": "https://county.example/site/"}
    graph = Graph().parse(data=json.dumps(told), format="json-ld")
    (dataset,) = graph.subjects(RDF.type, schema.Dataset)
    assert {str(p) for _, p, _ in graph if str(schema) not in p} == {str(RDF.type)}
    files = list(graph.objects(dataset, schema.distribution))
    assert len(files) == len(told["distribution"])
    (box,) = graph.objects(None, schema.box)
    assert len(str(box).split()) == 4
