"""A return as a partner hands it over: kept with its description, read once, or refused in a sentence."""

import zipfile
from dataclasses import replace
from datetime import date

import pytest

from flows import jobs, staging
from flows.pull import pull
from flows.returns import reading, sharing
from flows.returns.description import RETURNS
from flows.sources import partner_return
from flows.sources.files import Ask, Fault, File, SetAside

TODAY = date(2026, 2, 1)
TOML = """
id = "repairs"
label = "Urgent repairs"
counts = "an urgent repair to a council home"
unit = "repairs"
themes = ["cleaner_greener"]
organisation = "Midvale housing (invented)"
owner = "Repairs manager"
given_on = 2026-01-15
purpose = "To see where homes fail."
sharing = "partner"
expires = 2027-01-31
by = "lsoa21"
period = "2025"
[columns]
code = "LSOA"
count = "Repairs"
"""
CSV = "LSOA,Repairs\n" + "".join(f"X010000{n:02},{n}\n" for n in range(1, 41))
POINTS = TOML.replace('by = "lsoa21"', 'by = "point"').replace(
    'code = "LSOA"\ncount = "Repairs"', 'easting = "E"\nnorthing = "N"'
)
POINT_ROWS = "E,N\n" + "570000,460000\n" * 40
POSTCODES = TOML.replace('by = "lsoa21"', 'by = "postcode"').replace('code = "LSOA"\n', "")
POSTCODES = POSTCODES.replace("[columns]", '[columns]\npostcode = "PC"')
AREA = TOML.replace('by = "lsoa21"', 'by = "area"\narea_kind = "town"')


@pytest.fixture
def job(tmp_path):
    request = jobs.Request(place="exampleshire", data=str(tmp_path / "data"), offline=True)
    return replace(jobs.job(request), inbox=tmp_path / "inbox")


@pytest.fixture
def hand_over(job):
    """Put files into the inbox and pull them; the faults, the files set aside, what was taken."""
    folder = job.inbox / RETURNS
    folder.mkdir(parents=True)

    def run(today=TODAY, **files):
        for path in folder.iterdir():
            path.unlink()
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (folder / name.replace("__", ".")).write_bytes(data)
        stage = staging.stager(job.book.source[RETURNS], job.store, job.staged)
        stage = sharing.checked(job, stage, today)
        return pull(RETURNS, partner_return, job.store, job.ask(), job.inbox, None, stage)

    return run


def staged(job, name="repairs.zip"):
    """The rows of a kept return, as staged."""
    from sql import models

    source = job.book.source[RETURNS]
    path = staging.staged_path(source, job.store.current(RETURNS)[name], job.staged)
    with models.connect(spatial=False) as con:
        rows = con.read_parquet(str(path)).fetchall()
        beside = path.with_suffix(".quarantine.parquet")
        lost = con.read_parquet(str(beside)).fetchall() if beside.exists() else []
    return rows, lost


class TestKept:
    def test_both_files_are_kept_byte_for_byte(self, hand_over, job):
        pulled = hand_over(a__csv=CSV, a__toml=TOML)
        assert (pulled.faults, pulled.set_aside) == ([], [])
        (kept,) = pulled.new
        assert (kept.name, kept.edition, kept.url) == ("repairs.zip", "2026-01-15", "a.csv")
        with zipfile.ZipFile(job.store.path(kept)) as archive:
            found = {name: archive.read(name) for name in archive.namelist()}
        assert found == {"return.toml": TOML.encode(), "return.csv": CSV.encode()}

    def test_the_same_again_is_nothing_new(self, hand_over):
        assert len(hand_over(a__csv=CSV, a__toml=TOML).new) == 1
        assert hand_over(a__csv=CSV, a__toml=TOML).new == []
        assert hand_over(renamed__csv=CSV, renamed__toml=TOML).new == []

    def test_a_later_refresh_without_the_inbox_still_knows_it(self, hand_over, job):
        hand_over(a__csv=CSV, a__toml=TOML)
        hand_over()
        (one,) = sharing.kept(job.store)
        assert (one.told.id, one.told.sharing) == ("repairs", "partner")
        assert len(staged(job)[0]) == 40

    def test_a_newer_hand_over_replaces_the_older_and_an_older_does_not_come_back(
        self, hand_over, job
    ):
        hand_over(a__csv=CSV, a__toml=TOML)
        newer = TOML.replace("given_on = 2026-01-15", "given_on = 2026-01-20")
        hand_over(b__csv=CSV.replace(",1\n", ",100\n"), b__toml=newer)
        hand_over(a__csv=CSV, a__toml=TOML)
        (one,) = sharing.kept(job.store)
        assert one.told.given_on == date(2026, 1, 20)

    def test_two_files_of_one_id_and_day_are_refused(self, hand_over):
        other = CSV.replace(",1\n", ",100\n")
        (fault,) = hand_over(a__csv=CSV, a__toml=TOML, b__csv=other, b__toml=TOML).faults
        assert "a.csv and b.csv both give repairs.zip, and differ" in fault

    def test_the_last_good_hand_over_stays_when_a_new_one_is_broken(self, hand_over, job):
        hand_over(a__csv=CSV, a__toml=TOML)
        newer = TOML.replace("given_on = 2026-01-15", "given_on = 2026-01-20")
        assert hand_over(a__csv="LSOA\nX01000001\n", a__toml=newer).faults
        assert [one.told.given_on.day for one in sharing.kept(job.store)] == [15]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
    def test_windows_text_is_read_too(self, hand_over, job, encoding):
        text = CSV.replace("LSOA,Repairs", "LSOA,Repairs,Café").replace("\n", "\r\n")
        assert hand_over(a__csv=text.encode(encoding), a__toml=TOML).faults == []
        assert len(staged(job)[0]) == 40

    def test_columns_that_bear_our_own_names_do_no_harm(self, hand_over, job):
        """The partner's `file`, `period` and `code` are none of ours unless the description says so."""
        lines = CSV.splitlines()
        text = "\n".join(
            ["file,PERIOD,row_number,code," + lines[0], *("a,b,c,d," + x for x in lines[1:])]
        )
        assert hand_over(a__csv=text, a__toml=TOML).faults == []
        rows, _ = staged(job)
        assert {row[0] for row in rows} == {"repairs.zip"}

    def test_row_numbers_lead_to_the_row_in_the_file(self, hand_over, job):
        text = CSV.replace("X01000030,30", '"X01000030","-30"')
        assert hand_over(a__csv=text, a__toml=TOML).faults == []
        rows, lost = staged(job)
        assert lost == [("repairs.zip", 30, "a count below zero: -30")]
        assert [row[1] for row in rows] == [n for n in range(1, 41) if n != 30]

    def test_what_the_partner_withheld_is_unknown_and_no_fault(self, hand_over, job):
        text = CSV.replace(",3\n", ",<5\n").replace(",4\n", ",*\n").replace(",2\n", ",[c]\n")
        assert hand_over(a__csv=text, a__toml=TOML).faults == []
        rows, lost = staged(job)
        assert lost == [] and [row[-1] for row in rows[:5]] == [1, None, None, None, 5]


def case(told, toml=TOML, csv=CSV):
    return pytest.param(toml, csv, told, id=told[:40].replace(" ", "_"))


class TestRefused:
    @pytest.mark.parametrize(
        ("toml", "csv", "told"),
        [
            case("is not valid TOML", TOML + "\nnonsense"),
            case("it has no id", TOML.replace('id = "repairs"', "")),
            case("'../../etc' is no identifier", TOML.replace('"repairs"', '"../../etc"')),
            case("'a..b' is no identifier", TOML.replace('"repairs"', '"a..b"')),
            case("given_on is not a day", TOML.replace("2026-01-15", '"15 January"')),
            case("unknown key 'periodd'. Did you mean 'period'?", "periodd = 1" + TOML),
            case("key 'purpose' is missing", TOML.replace('purpose = "To see where homes fail."', "")),
            case("'sharing': 'secret' is not known", TOML.replace('"partner"', '"secret"')),
            case(
                "'tier' is whose job it is; who may see it is 'sharing'",
                TOML.replace("sharing = ", "tier = "),
            ),
            case("would run as a formula", TOML.replace('"Urgent repairs"', '"=cmd()"')),
            case("name the post", TOML.replace("Repairs manager", "Mrs Jane Doe")),
            case("name the post", TOML.replace("Repairs manager", "jane@midvale.gov.uk")),
            case("'threshold'", "threshold = 0" + TOML),
            case("is an indicator of the catalogue already", TOML.replace('"repairs"', '"crimes_month"')),
            case("is a source of the catalogue already", TOML.replace('"repairs"', '"population"')),
            case("'cleaner_green' is not a theme. Did you mean 'cleaner_greener'?", TOML.replace('"cleaner_greener"', '"cleaner_green"')),
            case("'all_agse' is not a measure of population. Did you mean 'all_ages'?", 'denominator = "population.all_agse"\nper = 1000' + TOML),
            case("denominator and per go together", 'denominator = "population.all_ages"' + TOML),
            case("'twon' is not a kind of this place. Did you mean 'town'?", AREA.replace('"town"', '"twon"')),
            case("what is published for an area is not divided", 'denominator = "population.all_ages"\nper = 1000' + AREA),
            case("by = 'area' needs the kind", TOML.replace('by = "lsoa21"', 'by = "area"')),
            case("by = 'lsoa21' needs code", TOML.replace('code = "LSOA"', "")),
            case("'postcode' is not used with by = 'lsoa21'", TOML + 'postcode = "LSOA"'),
            case("say it once", TOML.replace('period = "2025"', "")),
            case("say it once", TOML + 'period = "LSOA"'),
            case("is not 2025, 2025-04 or", TOML.replace('"2025"', '"2025/26"')),
            case("after the return was given", TOML.replace('"2025"', '"2026"')),
            case("is not after given_on", TOML.replace("2027-01-31", "2026-01-15")),
            case("it expired on 2026-01-20: ask Repairs manager", TOML.replace("2027-01-31", "2026-01-20")),
            case("given_on: 2026-03-01 is in the future", TOML.replace("2026-01-15", "2026-03-01")),
            case("it has no column 'LSOA'; its columns are 'Area', 'Repairs'", csv=CSV.replace("LSOA", "Area")),
            case("no commas between them", csv=CSV.replace(",", ";")),
            case("two of its columns are called 'Repairs'", csv=CSV.replace("LSOA,", "LSOA,repairs ,")),
            case("not plain text", csv=CSV.encode("utf-16")),
            case("the file is empty", csv=""),
            case("it holds no row of data", csv="LSOA,Repairs\n"),
            case("it is a web page", csv="<!DOCTYPE html><html>"),
            case("not a number: many", csv=CSV.replace(",1", ",many")),
            case("a count below zero: -1", csv=CSV.replace(",1", ",-1")),
            case("not a number: blank", csv=CSV.replace(",1", ",").replace(",2", ",").replace(",3", ",")),
            case("not a number: =1+1", csv=CSV.replace(",1", ",=1+1")),
            case("not a small-area code: E02000001", csv=CSV.replace("X010000", "E020000")),
            case("listed 2 times for one period: X01000001", csv=CSV + CSV.partition("\n")[2]),
            case("outside Britain: 0.5, 4.6", POINTS, POINT_ROWS.replace("570000,460000", "0.5,4.6")),
            case("outside Britain", POINTS, POINT_ROWS.replace("570000,460000", "460000,5700000")),
            case("only one of two coordinates", POINTS, POINT_ROWS.replace("570000,", ",")),
            case("not a postcode: ELSEWHERE", POSTCODES, "PC,Repairs\n" + "".join(f"ELSEWHERE,{n}\n" for n in range(9))),
            case("not a whole number up to 10,000: 2.5", POSTCODES, "PC,Repairs\nZZ1 1AP,2.5\n"),
            case("withheld by the partner", POSTCODES, "PC,Repairs\nZZ1 1AP,<5\n"),
            case("area code is blank", AREA, "LSOA,Repairs\n,5\n"),
        ],
    )  # fmt: skip
    def test_in_a_sentence_and_not_kept_as_current(self, hand_over, job, toml, csv, told):
        pulled = hand_over(a__csv=csv, a__toml=toml)
        (fault,) = pulled.faults
        assert told in fault and fault.startswith("partner_return: "), fault
        assert (
            fault.endswith(".")
            and "Traceback" not in fault
            and ".." not in fault.replace("../..", "").replace("a..b", "")
        )
        assert job.store.current(RETURNS) == {}
        assert not (job.data / "etc").exists()

    def test_all_faults_of_a_description_are_told_at_once(self, hand_over):
        toml = TOML.replace("sharing", "shared").replace('tier = "x"', "").replace("by =", "bye =")
        (fault,) = hand_over(a__csv=CSV, a__toml=toml).faults
        for word in ("'shared'", "'sharing'", "'bye'", "'by'"):
            assert word in fault

    def test_one_half_without_the_other(self, hand_over):
        (fault,) = hand_over(a__csv=CSV).faults
        assert "Write a.toml beside it: geo/exampleshire/inbox/partner_return/" in fault
        assert (jobs.HOUSE / partner_return.COPY.split(" ")[0]).is_file()
        (fault,) = hand_over(b__toml=TOML).faults
        assert "b.toml: it describes a return that is not there" in fault

    def test_the_faults_of_all_returns_are_told(self, hand_over):
        faults = hand_over(a__csv=CSV, b__toml=TOML, c__csv="", c__toml=TOML).faults
        assert [fault.split(":")[1].strip() for fault in faults] == ["a.csv", "b.toml", "c.csv"]

    def test_other_files_are_set_aside(self, hand_over):
        pulled = hand_over(a__csv=CSV, a__toml=TOML, notes__docx=b"PK")
        assert pulled.faults == [] and "notes.docx: not a CSV file" in pulled.set_aside[0]

    def test_a_few_bad_rows_are_set_apart_and_counted(self, hand_over, job):
        assert hand_over(a__csv=CSV.replace(",7\n", ",seven\n"), a__toml=TOML).faults == []
        rows, lost = staged(job)
        assert len(rows) == 39 and lost == [("repairs.zip", 7, "not a number: seven")]

    def test_the_network_is_never_asked(self):
        assert list(partner_return.fetch(None, Ask((), ()))) == []


class TestExpiry:
    def test_a_return_in_hand_expires_without_a_fault(self, hand_over):
        late = date(2027, 2, 1)
        hand_over(a__csv=CSV, a__toml=TOML)
        assert hand_over(a__csv=CSV, a__toml=TOML, today=late).faults == []
        (fault,) = hand_over(
            a__csv=CSV, a__toml=TOML.replace("2026-01-15", "2026-01-16"), today=late
        ).faults
        assert "it expired on 2027-01-31" in fault

    def test_on_its_last_day_it_still_holds(self, hand_over, job):
        hand_over(a__csv=CSV, a__toml=TOML)
        (one,) = sharing.kept(job.store)
        assert not one.told.expired(date(2027, 1, 31)) and one.told.expired(date(2027, 2, 1))


@pytest.mark.parametrize(
    ("by", "columns", "fits"),
    [
        ("point", {"easting": "E", "northing": "N"}, True),
        ("point", {"longitude": "X", "latitude": "Y"}, True),
        ("point", {"easting": "E", "latitude": "Y"}, False),
        ("point", {"easting": "E", "northing": "N", "longitude": "X", "latitude": "Y"}, False),
        ("postcode", {"postcode": "PC"}, True),
        ("lsoa11", {"code": "L"}, True),
        ("lsoa11", {"postcode": "L"}, False),
    ],
)
def test_where_a_row_is_is_said_in_one_way(by, columns, fits):
    import tomllib

    from flows.returns.description import Description, misfits

    told = tomllib.loads(TOML) | {"by": by, "columns": columns}
    assert (list(misfits(Description.model_validate(told))) == []) == fits


def test_a_file_that_was_opened_as_a_sheet_is_named(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(SetAside, match="Save the partner's sheet as CSV"):
        list(partner_return.recognise(File(path, "a.xlsx"), Ask((), ())))


def test_a_description_in_capitals_is_found(tmp_path):
    (tmp_path / "a.CSV").write_text(CSV)
    (tmp_path / "a.TOML").write_text(TOML)
    (reply,) = partner_return.recognise(File(tmp_path / "a.CSV", "a.CSV"), Ask((), ()))
    assert reply.name == "repairs.zip"


def test_the_example_of_the_county_is_a_good_one(job):
    folder = jobs.HOUSE / "geo" / "exampleshire" / "inbox" / RETURNS
    for path in sorted(folder.glob("*.csv")):
        (reply,) = partner_return.recognise(File(path, path.name), Ask((), ()))
        kept = job.store.keep(RETURNS, reply.table, reply.name, "", reply.content, reply.edition)
        told = reading.describe(job.store.path(kept), kept.name)
        assert sharing.strange(told, job.book) == []


def test_every_fault_class_is_the_shared_one():
    """A Fault that is not the sources' own would end in a traceback."""
    assert reading.Fault is Fault
