"""Ask a source, or look into the inbox, and keep what it gave: one bad file spoils nothing else."""

import re
from types import SimpleNamespace

import duckdb
import publisher_files as pf
import pytest
from conftest import at

from flows import catalogue
from flows.pull import pull
from flows.snapshots import Store
from flows.sources import SOURCES, census_2021, population
from flows.sources.files import Ask, Fault, File, Reply, SetAside
from flows.staging import staged_path, stager

ASK = Ask(("E07000129",), ("leicestershire",))


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "snapshots")


@pytest.fixture
def inbox(tmp_path):
    """A function that fills a source's folder of the inbox."""

    def fill(source, files):
        folder = tmp_path / "inbox" / source
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return tmp_path / "inbox"

    return fill


def readable(snapshot):
    """A stage that can read everything."""


def refuses(*words):
    """A stage that cannot read the replies with these names."""

    def stage(snapshot):
        if any(word in snapshot.name for word in words):
            raise Fault(snapshot.name, "half of its rows cannot be read", "Look at the file.")

    return stage


def run(source, store, inbox=None, *, module=None, web=None, stage=readable):
    return pull(source, module or SOURCES[source], store, ASK, inbox, web, stage)


def current(store, source):
    return {n: store.path(s).read_bytes() for n, s in store.current(source).items()}


def asked_in_vain(web, ask):
    raise AssertionError("the network was asked")


def test_what_the_inbox_holds_is_kept_and_the_network_left_alone(store, inbox):
    folder = inbox("population", {"nomis.csv": pf.NOMIS, ".DS_Store": b"\0"})
    module = SimpleNamespace(fetch=asked_in_vain, recognise=population.recognise)
    pulled = run("population", store, folder, module=module, web=object())
    assert [s.name for s in pulled.new] == ["nomis.csv"]
    assert (pulled.faults, pulled.set_aside) == ([], [])
    assert current(store, "population") == {"nomis.csv": pf.NOMIS}


def test_an_empty_folder_of_the_inbox_means_that_there_is_nothing(store, inbox):
    module = SimpleNamespace(fetch=asked_in_vain, recognise=population.recognise)
    pulled = run("population", store, inbox("population", {}), module=module, web=object())
    assert (pulled.new, pulled.faults, pulled.set_aside) == ([], [], [])


def test_without_inbox_and_network_nothing_is_asked(store):
    pulled = run("population", store, module=SimpleNamespace(fetch=asked_in_vain))
    assert (pulled.new, pulled.faults, pulled.set_aside) == ([], [], [])


def test_an_inbox_without_a_folder_for_the_source_leaves_it_to_the_network(store, inbox, tmp_path):
    path = tmp_path / "nomis.csv"
    path.write_bytes(pf.NOMIS)
    module = SimpleNamespace(
        fetch=lambda web, ask: [File(path, "https://x")], recognise=population.recognise
    )
    folder = inbox("another_source", {})
    pulled = run("population", store, folder, module=module, web=object())
    assert [s.url for s in pulled.new] == ["https://x"]


def test_all_faults_of_all_files_are_gathered_and_the_good_files_kept(store, inbox):
    folder = inbox(
        "population",
        {
            "a page.csv": pf.HTML,
            "b empty.csv": b"",
            "c cut.csv": pf.NOMIS.replace(b",2\n", b",31000\n"),
            "d good.csv": pf.NOMIS,
            "e unreadable.csv": pf.NOMIS,
            "f other.csv": b"x,y\n1,2\n",
            "g notes.txt": b"remember",
        },
    )
    pulled = run("population", store, folder, stage=refuses("unreadable"))
    assert len(pulled.faults) == 5
    for name in ("a page", "b empty", "c cut", "e unreadable", "f other"):
        assert sum(name in fault for fault in pulled.faults) == 1
    assert all(fault.startswith("population: ") for fault in pulled.faults)
    assert [aside.partition(":")[0] for aside in pulled.set_aside] == ["population/g notes.txt"]
    assert list(current(store, "population")) == ["d good.csv"]


def test_a_reply_that_cannot_be_staged_is_not_accepted_and_the_last_good_one_stays(store, inbox):
    run("population", store, inbox("population", {"nomis.csv": pf.NOMIS}))
    changed = pf.NOMIS.replace(b"1599", b"----")
    folder = inbox("population", {"nomis.csv": changed})
    pulled = run("population", store, folder, stage=refuses("nomis"))
    assert len(pulled.faults) == 1 and pulled.new == []
    assert current(store, "population") == {"nomis.csv": pf.NOMIS}


def test_a_reply_that_could_not_be_staged_is_taken_once_it_can(store, inbox):
    folder = inbox("population", {"nomis.csv": pf.NOMIS})
    assert run("population", store, folder, stage=refuses("nomis")).new == []
    assert [s.name for s in run("population", store, folder).new] == ["nomis.csv"]


def test_the_same_inbox_again_is_nothing_new(store, inbox):
    street = {"2025-12/2025-12-leicestershire-street.csv": pf.STREET}
    later = {"2025-12/2025-12-leicestershire-street.csv": pf.STREET + pf.STREET[-50:]}
    folder = inbox(
        "police_crime", {"2025-12.zip": pf.zip_of(street), "2026-01.zip": pf.zip_of(later)}
    )
    assert len(run("police_crime", store, folder).new) == 2
    assert run("police_crime", store, folder).new == []
    (held,) = store.current("police_crime").values()
    assert held.edition == "2026-01"


def test_members_that_a_new_archive_repeats_unchanged_are_not_kept_twice(store, inbox):
    names = [f"2025-{m}/2025-{m}-leicestershire-street.csv" for m in ("11", "12")]
    contents = [pf.STREET, pf.STREET + b"x"]
    members = dict(zip(names, contents, strict=True))
    run("police_crime", store, inbox("police_crime", {"2025-12.zip": pf.zip_of(members)}))
    members["2026-01/2026-01-leicestershire-street.csv"] = pf.STREET + b"y"
    folder = inbox("police_crime", {"2026-01.zip": pf.zip_of(members)})
    run("police_crime", store, folder)
    kept = [p for p in (store.folder / "police_crime").iterdir() if p.suffix == ".csv"]
    assert len(kept) == 3


def test_a_fault_of_the_network_is_told_and_the_last_good_replies_stay(store, inbox):
    run("population", store, inbox("population", {"nomis.csv": pf.NOMIS}))

    def fetch(web, ask):
        raise Fault("https://nomis", "no good answer (503)", "Check the network.")

    module = SimpleNamespace(fetch=fetch, recognise=population.recognise)
    pulled = run("population", store, module=module, web=object())
    assert pulled.faults == ["population: https://nomis: no good answer (503). Check the network."]
    assert current(store, "population") == {"nomis.csv": pf.NOMIS}


def test_a_page_in_place_of_data_is_not_kept_as_current(store, internet, web):
    internet.expect_request(re.compile(".*")).respond_with_data(pf.HTML, content_type="text/html")
    pulled = run("population", store, web=web)
    assert len(pulled.faults) == 1 and "web page" in pulled.faults[0]
    assert current(store, "population") == {} and not store.folder.exists()


def test_a_table_that_moved_is_told_with_every_other_table_s_fault(store, internet, web):
    """Two of the census tables are gone: both are said, and the four others are kept."""
    for table in census_2021.TABLES:
        content = pf.zip_of({f"census2021-{table}-lsoa.csv": pf.CENSUS})
        gone = table in ("ts011", "ts044")
        internet.expect_request(at(census_2021.BULK.format(table=table))).respond_with_data(
            b"gone" if gone else content, status=404 if gone else 200
        )
    pulled = run("census_2021", store, web=web)
    assert len(pulled.faults) == 2
    assert len(pulled.new) == 4


def test_two_files_for_one_name_are_a_fault_that_names_both(store, inbox):
    """Which of the two counts must not hang on the alphabet."""
    folder = inbox(
        "indices_of_deprivation",
        {"File_7_IoD2025.csv": pf.FILE_7_2025, "File_7_IoD2025 (1).csv": pf.FILE_7_2025 + b"x\n"},
    )
    pulled = run("indices_of_deprivation", store, folder)
    assert any("File_7_IoD2025.csv" in f and "File_7_IoD2025 (1).csv" in f for f in pulled.faults)


def test_a_set_aside_in_the_middle_of_a_file_keeps_what_came_before(store, inbox):
    def recognise(file, ask):
        yield Reply("nomis", "first.csv", file.url, b"1")
        raise SetAside("the rest is for others")

    module = SimpleNamespace(recognise=recognise)
    pulled = run("population", store, inbox("population", {"a.csv": b"x"}), module=module)
    assert [s.name for s in pulled.new] == ["first.csv"]
    assert pulled.set_aside == ["population/a.csv: the rest is for others"]


ODD = (KeyError("a"), IndexError(), TypeError("b"), AttributeError(), ValueError(), RuntimeError())


@pytest.mark.parametrize("odd", ODD, ids=lambda e: type(e).__name__)
def test_a_shape_that_nobody_foresaw_is_a_fault_of_the_source_and_no_traceback(store, inbox, odd):
    """In what a publisher lists, and in a file: the other files are kept."""

    def broken(*_):
        raise odd
        yield

    module = SimpleNamespace(__name__="flows.sources.population", fetch=broken)
    pulled = run("population", store, module=module, web=object())
    assert len(pulled.faults) == 1 and "not known here" in pulled.faults[0]
    assert pulled.faults[0].startswith("population: ")

    def recognise(file, ask):
        yield from broken() if file.name == "b.csv" else population.recognise(file, ask)

    folder = inbox("population", {n: pf.NOMIS for n in ("a.csv", "b.csv", "c.csv")})
    module = SimpleNamespace(recognise=recognise)
    pulled = run("population", store, folder, module=module)
    assert len(pulled.faults) == 1 and "b.csv" in pulled.faults[0]
    assert list(current(store, "population")) == ["a.csv", "c.csv"]


def test_only_files_that_were_used_whole_are_said_to_be_taken(store, tmp_path):
    """What could not be read or used is asked for again, whatever its change token."""
    names = ("good.csv", "cut.csv", "unreadable.csv", "aside.txt")
    contents = (pf.NOMIS, pf.NOMIS.replace(b",2\n", b",9\n"), pf.NOMIS, b"x")
    for name, content in zip(names, contents, strict=True):
        (tmp_path / name).write_bytes(content)
    files = [File(tmp_path / name, f"https://{name}") for name in names]
    module = SimpleNamespace(fetch=lambda web, ask: files, recognise=population.recognise)
    pulled = run("population", store, module=module, web=object(), stage=refuses("unreadable"))
    assert pulled.taken == {"https://good.csv"} and pulled.asked
    assert len(pulled.faults) == 2


def editions(tmp_path, contents):
    """A publisher's files, by name; one without content does not come."""

    def fetch(web, ask):
        for name, content in contents.items():
            if not content:
                yield Fault(f"https://x/{name}", "no good answer (503)", "Try later.")
                continue
            (tmp_path / name).write_bytes(content)
            yield File(tmp_path / name, f"https://x/{name}")

    def recognise(file, ask):
        yield Reply("nomis", file.name, file.url, file.path.read_bytes())

    return SimpleNamespace(fetch=fetch, recognise=recognise)


@pytest.mark.parametrize("missing", ["a.csv", "b.csv", "c.csv"])
def test_half_of_a_new_edition_replaces_nothing_in_hand_but_new_names_enter(
    store, tmp_path, missing
):
    """Figures of one edition over figures of another would be neither's. Whichever file fails,
    and in whichever order they come."""
    first = {"a.csv": b"1", "b.csv": b"1", "c.csv": b"1"}
    run("population", store, module=editions(tmp_path, first), web=object())
    half = {**dict.fromkeys(first, b"2"), "new.csv": b"2", missing: b""}
    pulled = run("population", store, module=editions(tmp_path, half), web=object())
    assert len(pulled.faults) == 1 and [s.name for s in pulled.new] == ["new.csv"]
    assert pulled.taken == {"https://x/new.csv"}  # the others are asked for again
    assert current(store, "population") == {**first, "new.csv": b"2"}

    whole = dict.fromkeys(half, b"2")
    pulled = run("population", store, module=editions(tmp_path, whole), web=object())
    assert sorted(s.name for s in pulled.new) == sorted(first)
    assert pulled.taken == {f"https://x/{name}" for name in whole}
    assert current(store, "population") == whole


def test_a_file_that_cannot_be_read_keeps_the_rest_of_its_edition_out(store, tmp_path):
    first, second = {"a.csv": b"1", "b.csv": b"1"}, {"a.csv": b"2", "b.csv": b"2"}
    run("population", store, module=editions(tmp_path, first), web=object())
    second_try = editions(tmp_path, second)
    run("population", store, module=second_try, web=object(), stage=refuses("b.csv"))
    assert current(store, "population") == first


def test_what_is_handed_over_replaces_though_another_file_is_bad(store, inbox):
    """An officer who hands over a file means that file."""
    run("population", store, inbox("population", {"nomis.csv": pf.NOMIS}))
    changed = pf.NOMIS.replace(b"1599", b"1600")
    folder = inbox("population", {"nomis.csv": changed, "page.csv": pf.HTML})
    assert len(run("population", store, folder).faults) == 1
    assert current(store, "population") == {"nomis.csv": changed}


# With the real staging -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def book():
    return catalogue.read("exampleshire")


@pytest.mark.parametrize(
    ("source", "name", "content"),
    [
        ("police_crime", "2025-12-leicestershire-street.csv", pf.STREET),
        ("price_paid", "pp-2006.csv", pf.PRICE_PAID),
        ("population", "nomis.csv", pf.NOMIS),
        ("postcodes", "NSPL_AUG_2026_UK.csv", pf.NSPL),
        ("fingertips", "data.csv", pf.FINGERTIPS_27),
    ],
)
def test_a_publisher_s_layout_is_staged(store, inbox, book, tmp_path, source, name, content):
    stage = stager(book.source[source], store, tmp_path / "staged")
    pulled = run(source, store, inbox(source, {name: content}), stage=stage)
    assert (pulled.faults, len(pulled.new)) == ([], 1)


OTHER_POSTCODES = {  # an edition's file: postcode, easting and whether it was terminated
    "NSPL_AUG_2026_UK.csv": (pf.NSPL, ("LE11AA", 458900, None)),
    "ONSPD_FEB_2018_UK.csv": (pf.ONSPD_2018, ("AL11AA", 514600, "199405")),
    "ONSPD_NOV_2025_UK.csv": (pf.ONSPD_2025, ("AB10AA", 385386, "199606")),
}


@pytest.mark.parametrize("name", OTHER_POSTCODES)
def test_postcodes_of_any_edition_s_columns_are_read_and_terminated_ones_kept(
    store, inbox, book, tmp_path, name
):
    """gridind 9 (osgrdind before 2025) means no coordinates, though 99.999999 stands there."""
    content, first = OTHER_POSTCODES[name]
    lines = content.splitlines(keepends=True)
    sign = b'"8",' if b"osgrdind" in lines[0] else b'"1",'
    at, east = lines[1].rindex(sign), str(first[1]).zfill(7).encode()
    without = lines[1][:at] + b'"9",' + lines[1][at + 4 :]
    without = without.replace(b"1AA", b"9ZZ").replace(b"0AA", b"9ZZ").replace(east, b"0999999")
    stage = stager(book.source["postcodes"], store, tmp_path / "staged")
    pulled = run("postcodes", store, inbox("postcodes", {name: content + without}), stage=stage)
    assert pulled.faults == []
    (snapshot,) = pulled.new
    path = staged_path(book.source["postcodes"], snapshot, tmp_path / "staged")
    rows = duckdb.read_parquet(str(path)).project("postcode, easting, terminated").fetchall()
    assert rows[0] == first and rows[1][0].endswith("9ZZ") and rows[1][1] is None


def test_price_paid_rows_of_15_columns_and_without_a_postcode_are_staged(
    store, inbox, book, tmp_path
):
    """Some historic files have no status: they are all additions. A blank postcode is counted."""
    blank = pf.PRICE_PAID_15.replace(b'"MK13 7QS"', b'""').replace(b"3E03", b"4F14")
    stage = stager(book.source["price_paid"], store, tmp_path / "staged")
    files = {"pp-2006.csv": pf.PRICE_PAID_15 + blank}
    pulled = run("price_paid", store, inbox("price_paid", files), stage=stage)
    assert pulled.faults == []
    path = staged_path(book.source["price_paid"], pulled.new[0], tmp_path / "staged")
    rows = duckdb.read_parquet(str(path)).project("postcode, status, price").fetchall()
    assert rows == [("MK137QS", "A", 112000), (None, "A", 112000)]


WRONG_HEADERS = [
    ("police_crime", "2025-12-leicestershire-street.csv", pf.STOP, "Crime type"),
    ("census_2021", "census2021-ts011-lsoa.csv", b"year,area,value\n2021,H,1\n", "geography code"),
    ("indices_of_deprivation", "File_7.csv", b"code,score\nE01011949,1\n", "LSOA code"),
]


@pytest.mark.parametrize(("source", "name", "content", "told"), WRONG_HEADERS)
def test_a_reply_with_another_header_is_refused_when_it_is_staged(
    store, inbox, book, tmp_path, source, name, content, told
):
    stage = stager(book.source[source], store, tmp_path / "staged")
    pulled = run(source, store, inbox(source, {name: content}), stage=stage)
    assert pulled.new == []
    assert len(pulled.faults) == 1 and told in pulled.faults[0]


def test_boundaries_that_are_cut_short_do_not_replace_the_good_ones(store, inbox, book, tmp_path):
    stage = stager(book.source["ons_geography"], store, tmp_path / "staged")
    run("ons_geography", store, inbox("ons_geography", {"l.geojson": pf.BOUNDARIES}), stage=stage)
    cut = inbox("ons_geography", {"l.geojson": pf.BOUNDARIES[:-40]})
    pulled = run("ons_geography", store, cut, stage=stage)
    assert len(pulled.faults) == 1 and pulled.new == []
    assert current(store, "ons_geography") == {"lsoa21-boundaries.geojson": pf.BOUNDARIES}
