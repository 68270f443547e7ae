"""From a release's manifest and what is in hand now: which files, boundaries and entries moved."""

from types import SimpleNamespace

import pytest

from flows import catalogue, causes, changes

BOOK = catalogue.read("exampleshire")
PROGRAM = "0123456789abcdef"
EDITIONS = [
    {"area_kind": kind.id, "edition": None, "valid_from": None, "valid_to": None}
    for kind in BOOK.place.area_kinds
]
HELD = {
    "police_crime": {"2025-05.csv": "a", "2025-06.csv": "b"},
    "population": {"people.csv": "c"},
    "ons_geography": {"lookup.csv": "d"},
    "indices_of_deprivation": {"imd.csv": "e"},
    "partner_return": {"noise_complaints.zip": "f"},
    "place_files": {"town.gpkg": "g", "community_forum_area.csv": "h"},
}


@pytest.fixture(autouse=True)
def same_program(monkeypatch):
    monkeypatch.setattr(changes, "code_version", lambda: PROGRAM)


def job(held=HELD, editions=EDITIONS, since="", book=BOOK):
    """A refresh with these files in hand."""

    def current(source):
        files = held.get(source, {})
        return {n: SimpleNamespace(name=n, sha256=sha) for n, sha in files.items()}

    return SimpleNamespace(
        book=book,
        store=SimpleNamespace(current=current),
        files=current("place_files"),
        editions=lambda: editions,
        request=SimpleNamespace(since=since, until=""),
    )


def manifest(held=HELD, **other):
    """Of a release made from these files, by the same catalogue and program."""
    return {
        "snapshots": [
            {"source": source, "name": name, "sha256": sha}
            for source, files in held.items()
            for name, sha in files.items()
        ],
        "editions": EDITIONS,
        "catalogue": BOOK.version,
        "code": PROGRAM,
        "entries": changes.entries(BOOK),
        "request": {"since": "", "until": ""},
    } | other


def but(source, **files):
    """The files in hand, but for some of one source: other bytes, or none."""
    told = HELD[source] | {n.replace("__", "."): sha for n, sha in files.items()}
    return HELD | {source: {n: sha for n, sha in told.items() if sha}}


def moved(now, last):
    told = changes.now(now)
    return [list(found(told, last)) for found in causes.MOVED]


def test_of_the_same_files_nothing_moved():
    assert moved(job(), manifest()) == [[], [], []]


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (but("population", people__csv="old"), "publisher's revision: Small-area mid-year"),
        (but("population", people__csv=""), "new data: Small-area mid-year"),
        (but("population", gone__csv="z"), "publisher's revision: Small-area mid-year"),
    ],
)
def test_a_file_is_replaced_new_or_gone(before, told):
    (((source, reason),), kinds, entries) = moved(job(), manifest(before))
    assert (source, reason.startswith(told), kinds, entries) == ("population", True, [], [])


def test_what_partners_handed_over_is_each_a_source_of_its_own():
    label = {"noise_complaints": SimpleNamespace(label="Noise")}
    place = SimpleNamespace(area_kinds=())
    book = SimpleNamespace(
        needed_sources=lambda: [SimpleNamespace(id="partner_return")],
        returns=[SimpleNamespace(id="noise_complaints")],
        source=label,
        place=place,
    )
    before = but("partner_return", noise_complaints__zip="old", others__zip="x")
    now = {"snapshots": changes._snapshots(job(book=book)), "entries": causes.labels(book)}
    told = list(causes.moved_sources(now, manifest(before)))
    assert told == [("noise_complaints", "publisher's revision: Noise")]


def test_a_file_of_the_place_is_a_boundary_of_its_kind():
    _, kinds, _ = moved(job(), manifest(but("place_files", town__gpkg="old")))
    assert kinds == [("town", "new boundary: Towns")]


def test_the_small_areas_are_a_boundary_of_every_kind():
    _, kinds, _ = moved(job(), manifest(but("ons_geography", lookup__csv="old")))
    assert {k for k, _ in kinds} == {k.id for k in BOOK.place.area_kinds}
    assert {why for _, why in kinds} == {"new boundary: ONS Open Geography"}


def test_another_edition_is_a_new_boundary_of_its_kind():
    editions = [e | {"edition": "2013"} if e["area_kind"] == "town" else e for e in EDITIONS]
    assert moved(job(editions=editions), manifest())[1] == [("town", "new boundary: Towns")]


def test_so_is_another_rule_by_which_a_kind_is_made():
    told = changes.entries(BOOK)
    told["area_kinds"]["rural_area"] = "another"
    _, kinds, _ = moved(job(), manifest(entries=told))
    assert kinds == [("rural_area", "new boundary: Rural areas, by another rule")]


def test_an_entry_that_changed_is_the_method_of_its_indicator():
    told = changes.entries(BOOK)
    told["indicators"]["crimes_month"] = "another"
    _, _, entries = moved(job(), manifest(entries=told))
    assert entries == [("crimes_month", "method: the catalogue's entry changed")]


@pytest.mark.parametrize(
    ("now", "last", "told"),
    [
        (job(since="2025-01"), manifest(), "method: other months were asked for"),
        (job(), manifest(code="older"), "method: the program changed"),
        # a release that kept no hash of each entry
        (job(), manifest(entries={}, catalogue="x"), "method: the catalogue's entry changed"),
    ],
)
def test_what_concerns_all_indicators(now, last, told):
    _, _, entries = moved(now, last)
    assert {why for _, why in entries} == {told}
    assert {i for i, _ in entries} == {i.id for i in BOOK.indicators}


def test_what_an_old_manifest_does_not_say_is_no_change():
    assert moved(job(), {"code": PROGRAM, "catalogue": BOOK.version}) == [[], [], []]


def test_words_and_owners_of_an_entry_do_not_make_its_figures():
    entry = BOOK.indicators[0]
    same = entry.model_copy(update={"label": "Other words", "owner": "Somebody", "why": "x"})
    assert changes._made(entry, BOOK) == changes._made(same, BOOK)
    other = entry.model_copy(update={"per": 100_000})
    assert changes._made(entry, BOOK) != changes._made(other, BOOK)
