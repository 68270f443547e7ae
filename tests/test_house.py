"""The rules of DESIGN.md that a program can hold: who may import whom, and what is committed."""

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from texttable import MADE_BY_THE_HALL

from expectations import checks
from flows.publish.datapackage import FIELDS, columns
from flows.publish.tables import BESIDE
from flows.sources import SOURCES
from sql import models

HOUSE = Path(__file__).parents[1]
ROOMS = ("geo", "sql", "expectations")
OURS = ("flows", *ROOMS)
MODULES = sorted(p for room in OURS for p in (HOUSE / room).rglob("*.py"))
SOURCE_ENTRIES = sorted(p.stem for p in (HOUSE / "flows" / "sources").glob("*.toml"))
LONGEST_MODULE = 300  # lines
SHARED = ("web", "files", "parts", "manners")  # by all sources
WAYS = ("flows.sources.web", "flows.sources.files", "flows.sources.services")
LARGEST_FILE = 1_000_000  # bytes

# These two read released Parquet without a warehouse, by DuckDB's default connection.
READS_RELEASES = {"flows/report.py", "flows/cells.py"}
# Names of tables cannot be bound parameters: these two texts end in a checked name of ours.
ENDS_IN_A_NAME = {
    ("sql/models.py", "create schema if not exists "),
    ("sql/models.py", "create table "),
    ("sql/raw.py", "drop table if exists raw."),
}
# Only ever imported as flows.statistics (checked below).
NAMED_LIKE_A_LIBRARY = {"flows/statistics/__init__.py"}

LAYERS = {
    "stage": {"raw"},
    "core": {"stage", "geo", "catalogue", "core"},
    "evidence": {"core", "geo", "catalogue", "evidence"},
}

each_module = pytest.mark.parametrize(
    "path", MODULES, ids=lambda p: p.relative_to(HOUSE).as_posix()
)


def name_of(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(node: ast.AST, *, run: bool = False) -> set[str]:
    """Dotted names that a module imports; with ``run`` only what its own import runs."""
    found = set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            found |= {alias.name for alias in child.names}
        elif isinstance(child, ast.ImportFrom):
            assert not child.level, "imports are absolute, so that this test can read them"
            found |= {f"{child.module}.{alias.name}" for alias in child.names}
        elif run and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        elif run and isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            found |= imports(ast.Module(child.orelse, []), run=run)
        else:
            found |= imports(child, run=run)
    return found


def ours(path: Path) -> set[str]:
    return {name for name in imports(tree(path)) if name.split(".")[0] in OURS}


def is_of(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


class TestWhoMayImportWhom:
    @pytest.mark.parametrize("room", ROOMS)
    def test_a_room_knows_only_itself(self, room):
        for path in (p for p in MODULES if is_of(name_of(p).replace("/", "."), room)):
            strangers = {name for name in ours(path) if not is_of(name, room)}
            assert not strangers, f"{name_of(path)} imports {strangers}"

    @pytest.mark.parametrize("source", SOURCE_ENTRIES)
    def test_a_source_knows_only_the_web(self, source):
        path = HOUSE / "flows" / "sources" / f"{source}.py"
        strangers = {n for n in ours(path) if not any(is_of(n, way) for way in WAYS)}
        assert not strangers, f"{name_of(path)} imports {strangers}"
        libraries = {name.split(".")[0] for name in imports(tree(path))}
        assert not libraries & {"duckdb", "prefect", "requests", "pandas", "geopandas"}

    @pytest.mark.parametrize("way", ["web", "files", "parts", "manners"])
    def test_the_ways_to_the_network_know_only_each_other(self, way):
        strangers = {
            n for n in ours(HOUSE / f"flows/sources/{way}.py") if not is_of(n, "flows.sources")
        }
        assert not strangers

    def test_the_parts_of_the_hall_do_not_know_each_other(self):
        """They share the words of flows.entries and flows.wording; a publisher of outputs may use another."""
        hall = HOUSE / "flows"
        parts = {hall / f"{stem}.py": f"flows.{stem}" for stem in ("catalogue", "snapshots")}
        parts |= {
            path: f"flows.{room}"
            for room in ("statistics", "disclosure", "publish")
            for path in (hall / room).rglob("*.py")
        }
        words = ("flows.entries", "flows.places", "flows.misfits", "flows.wording", "flows.figures")
        for path, part in parts.items():
            mathematics = part in ("flows.statistics", "flows.disclosure")
            allowed = (part, *(() if mathematics else words))
            strangers = {n for n in ours(path) if not any(is_of(n, a) for a in allowed)}
            assert not strangers, f"{name_of(path)} imports {strangers}"

    @each_module
    def test_prefect_is_in_the_flow_and_at_the_desk_only(self, path):
        beside = ("flows/on_server.py", "flows/steps.py", "flows/runners.py", "flows/desk/")
        if not name_of(path).startswith(beside):
            assert not any(is_of(name, "prefect") for name in imports(tree(path)))

    @each_module
    def test_great_expectations_is_in_a_function_of_its_room_only(self, path):
        inside = tree(path) if name_of(path) != "expectations/checks.py" else None
        found = imports(inside) if inside else imports(tree(path), run=True)
        assert not any(is_of(name, "great_expectations") for name in found)

    @each_module
    def test_duckdb_is_opened_in_one_place(self, path):
        name = name_of(path)
        of_duckdb = {
            call.func.attr
            for call in calls(path)
            if isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and call.func.value.id == "duckdb"
        }
        opens = of_duckdb & {"connect", "cursor"}
        speaks = of_duckdb & {"execute", "sql", "query", "read_parquet", "read_csv", "table"}
        assert not opens or name == "sql/models.py", f"{name} opens DuckDB: {opens}"
        assert not speaks or name in READS_RELEASES, f"{name} speaks to no warehouse: {speaks}"
        assert not {n for n in imports(tree(path)) if n in ("duckdb.connect", "duckdb.execute")}

    def test_the_known_exceptions_are_still_there(self):
        for name in READS_RELEASES | NAMED_LIKE_A_LIBRARY | {n for n, _ in ENDS_IN_A_NAME}:
            assert (HOUSE / name).exists(), f"{name} is gone: take it off the list"

    @pytest.mark.parametrize("name", sorted(models.models()))
    def test_sql_reads_downwards(self, name):
        layer = name.split(".")[0]
        read = {table.split(".")[0] for table in models.reads(models.models()[name])}
        assert read <= LAYERS[layer], f"{name} reads {read}"

    def test_a_stage_select_reads_its_own_source(self):
        for source in SOURCE_ENTRIES:
            assert models.reads(models.models()[f"stage.{source}"]) == {f"raw.{source}"}

    def test_every_table_that_is_read_is_made_by_somebody(self):
        made_by_the_hall = {"stage.quarantine", *MADE_BY_THE_HALL}
        for name, text in models.models().items():
            for table in models.reads(text):
                known = table in models.models() or table in made_by_the_hall
                assert known or table.split(".")[0] in ("raw", "catalogue", "geo"), (
                    f"{name} reads {table}, which no file makes"
                )


class TestSql:
    @pytest.mark.parametrize("name", sorted(models.models()))
    def test_line_one_says_what_a_row_is(self, name):
        first = models.models()[name].splitlines()[0]
        assert re.match(r"-- One row per \S", first), f"{name} begins: {first}"

    @pytest.mark.parametrize("name", sorted(models.models()))
    def test_a_file_is_one_select_without_numbers_in_its_name(self, name):
        text = models.models()[name]
        assert ";" not in re.sub(r"'[^']*'|--.*", "", text)
        assert "{{" not in text
        if not name.startswith("stage."):  # a source may be called after its year
            assert not re.search(r"\d", name)

    @each_module
    def test_no_sql_is_glued_in_python(self, path):
        for call in calls(path):
            if not (isinstance(call.func, ast.Attribute) and call.args):
                continue
            if call.func.attr not in ("execute", "executemany", "sql"):
                continue
            text = call.args[0]
            if is_plain(text):
                continue
            where = f"{name_of(path)}, line {call.lineno}"
            assert (name_of(path), beginning(text)) in ENDS_IN_A_NAME, f"{where}: SQL is glued"


def is_plain(text: ast.expr) -> bool:
    """A text as it stands, or a model by its name."""
    if isinstance(text, ast.Subscript) and isinstance(text.value, ast.Call):
        return ast.unparse(text.value.func) in ("models", "models.models")
    return isinstance(text, ast.Constant) and isinstance(text.value, str)


def beginning(text: ast.expr) -> str:
    """The part of a glued text that is written down, up to the first thing that is put in."""
    if isinstance(text, ast.JoinedStr) and isinstance(text.values[0], ast.Constant):
        return str(text.values[0].value)
    if isinstance(text, ast.BinOp) and isinstance(text.left, ast.Constant):
        return str(text.left.value)
    return ""


class TestOnePlaceForEach:
    def test_a_source_is_an_entry_a_connector_a_select_and_a_line(self):
        folder = HOUSE / "flows" / "sources"
        connectors = {p.stem for p in folder.glob("*.py")} - {"__init__", *SHARED}
        selects = {p.stem for p in (HOUSE / "sql" / "stage").glob("*.sql")}
        entries = set(SOURCE_ENTRIES)
        assert connectors == entries, f"connectors and entries differ: {connectors ^ entries}"
        assert selects == entries, f"stage selects and entries differ: {selects ^ entries}"
        assert set(SOURCES) == entries, f"SOURCES and entries differ: {set(SOURCES) ^ entries}"
        for source, module in SOURCES.items():
            assert module.__name__ == f"flows.sources.{source}"

    def test_a_suite_is_named_after_a_table(self):
        for table in checks.suites():
            assert table in models.models(), f"expectations/{table}.toml: there is no such table"

    def test_a_suite_asks_for_the_columns_that_the_table_has(self, empty_tables):
        for table, entries in checks.suites().items():
            (asked,) = [
                e["kwargs"]["column_set"]
                for e in entries
                if e["type"] == "expect_table_columns_to_match_set"
            ]
            there = empty_tables.cursor().table(table).columns
            assert sorted(asked) == sorted(there), f"expectations/{table}.toml"

    @each_module
    def test_a_module_is_short(self, path):
        lines = len(path.read_text("utf-8").splitlines())
        assert lines <= LONGEST_MODULE, f"{name_of(path)} has {lines} lines"

    def test_the_published_columns_are_those_of_the_tidy_table(self, empty_tables):
        entries = tomllib.loads((HOUSE / "flows/publish/columns.toml").read_text("utf-8"))["column"]
        made = empty_tables.cursor().table("evidence.evidence_table").columns
        assert [entry["name"] for entry in entries] == list(made)

    @pytest.mark.parametrize("name", sorted(BESIDE))
    def test_the_published_columns_beside_it_are_those_of_their_tables(self, empty_tables, name):
        made = empty_tables.cursor().table(BESIDE[name]).columns
        assert [entry["name"] for entry in columns(FIELDS[name])] == list(made)

    def test_the_kinds_of_gap_are_described_where_they_are_published(self):
        described = tomllib.loads((HOUSE / "flows/publish/columns.toml").read_text("utf-8"))
        (told,) = (c["description"] for c in described["gap_column"] if c["name"] == "gap")
        (kinds,) = (
            e["kwargs"]["value_set"]
            for e in checks.suites()["evidence.gaps"]
            if e["kwargs"].get("column") == "gap"
        )
        assert [kind for kind in kinds if kind not in told] == []


class TestNames:
    @pytest.fixture(scope="class")
    def taken(self):
        """The standard library's modules, and the modules of everybody else's distributions."""
        installed = importlib.metadata.packages_distributions()
        others = {m for m, owners in installed.items() if "locality-evidence" not in owners}
        return others | set(sys.stdlib_module_names)

    def test_no_module_bears_the_name_of_a_library(self, taken):
        for path in MODULES:
            stem = path.parent.name if path.stem == "__init__" else path.stem
            if stem != "__main__" and name_of(path) not in NAMED_LIKE_A_LIBRARY:
                assert stem not in taken, f"{name_of(path)} bears the name of a library"

    def test_our_own_statistics_are_only_imported_by_their_full_name(self):
        for path in MODULES:
            for name in imports(tree(path)):
                assert not is_of(name, "statistics"), f"{name_of(path)} imports {name}: which one?"

    def test_the_code_is_not_run_from_within_a_room(self):
        """Prefect entrypoints are module paths: a file path makes flows/ the top of all imports."""
        path = HOUSE / "prefect.yaml"
        entrypoints = re.findall(r"entrypoint:\s*(\S+)", path.read_text("utf-8"))
        assert entrypoints
        for entrypoint in entrypoints:
            assert re.fullmatch(r"[a-z_.]+:?[a-z_]*", entrypoint.strip("'\"")), entrypoint
            assert ".py" not in entrypoint


def test_no_two_test_files_bear_one_name():
    """pytest takes the second for the first, and neither of them runs."""
    names = [path.name for path in (HOUSE / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert sorted({name for name in names if names.count(name) > 1}) == []


class TestRepository:
    @pytest.fixture(scope="class")
    def files(self):
        """What is committed, and what would be with the next ``git add``."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=HOUSE,
            capture_output=True,
            check=True,
        )
        paths = [HOUSE / name for name in listed.stdout.decode().split("\0") if name]
        return [path for path in paths if path.is_file()]

    def test_no_file_is_large(self, files):
        large = {name_of(p): p.stat().st_size for p in files if p.stat().st_size > LARGEST_FILE}
        assert not large

    def test_no_text_knows_a_machine_or_its_package_registry(self, files):
        words = ["/" + "work/", "/" + "root/", "/" + "home/"]
        words += ["--index" + "-url", "--extra-index" + "-url", "--trusted" + "-host"]
        asked = (os.environ.get(f"{tool}_INDEX" + "_URL", "") for tool in ("PIP", "UV"))
        words += [host for url in asked if (host := urlsplit(url).hostname) and host != "pypi.org"]
        found = [
            f"{name_of(path)}: {word}"
            for path in files
            if (text := text_of(path)) is not None
            for word in words
            if word in text
        ]
        assert not found

    def test_what_a_run_makes_is_not_kept(self, files):
        for path in files:
            assert path.suffix not in (".duckdb", ".parquet", ".pyc"), name_of(path)
            assert not name_of(path).startswith(("data/", "build/", ".venv/"))


def text_of(path: Path) -> str | None:
    content = path.read_bytes()
    if b"\0" in content:
        return None
    return content.decode("utf-8", errors="replace")


class TestSpeed:
    HEAVY = ("prefect", "great_expectations", "geopandas", "pandas", "scipy", "duckdb", "fastapi")
    ASK = """
import sys
from typer.testing import CliRunner
from flows.__main__ import app
answer = CliRunner().invoke(app, {arguments!r})
assert answer.exit_code == 0, answer.output
print(*[name for name in {heavy!r} if name in sys.modules])
"""

    @pytest.mark.parametrize("arguments", [["--help"], ["refresh", "--help"]])
    def test_help_does_not_wait_for_libraries(self, arguments):
        code = self.ASK.format(arguments=arguments, heavy=self.HEAVY)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == []
