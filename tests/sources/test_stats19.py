"""STATS19: which of the publisher's many files are used, and what each dialect is read as."""

import pytest
from texttable import every_column, layout

from flows.sources import stats19
from flows.sources.files import Ask, Fault, File, SetAside
from sql import models

LISTING = "/data.gov.uk/api/action/package_show"
SERVED = "/data.dft.gov.uk/road-accidents-safety-data/"
STEM = "dft-road-casualty-statistics"
NAMES = [
    *(f"{STEM}-{kind}-{y}.csv" for kind in ("collision", "casualty") for y in range(2018, 2025)),
    f"{STEM}-collision-provisional-mid-year-unvalidated-2025.csv",
    f"{STEM}-collision-last-5-years.csv",
    f"{STEM}-collision-1979-latest-published-year.csv",
    f"{STEM}-collision-adjustment-lookup_2004-latest-published-year.csv",
]
SERVED_HEADER = (
    "collision_index,location_easting_osgr,location_northing_osgr,longitude,latitude,police_force,"
    "collision_severity,date,enhanced_severity_collision,collision_adjusted_severity_serious"
)
DIALECTS = {
    "served": SERVED_HEADER,
    "the publisher's guide": SERVED_HEADER.replace(
        "enhanced_severity_collision", "enhanced_collision_severity"
    ).replace("collision_adjusted_severity_serious", "collision_adjusted_serious"),
    "2021": "Accident_Index,Location_Easting_OSGR,Location_Northing_OSGR,Longitude,Latitude,"
    "Police_Force,Accident_Severity,Date",
    "2023": "accident_index,location_easting_osgr,location_northing_osgr,longitude,latitude,"
    "police_force,legacy_collision_severity,date,enhanced_severity_collision",
}
ROW = "2024123X4,458900,304500,-1.13,52.63,33,2,31/12/2024,6,1"


@pytest.fixture
def dft(internet):
    resources = [{"url": f"https://data.dft.gov.uk/x/{name}"} for name in NAMES]
    internet.expect_request(LISTING).respond_with_json({"result": {"resources": resources}})
    for name in NAMES:
        internet.expect_request(SERVED + name).respond_with_data(f"{SERVED_HEADER}\n{ROW}\n")
    return internet


@pytest.mark.parametrize(
    ("ask", "years"),
    [
        (Ask((), ()), range(2020, 2025)),
        (Ask((), (), since="2022-07", until="2025-06"), range(2022, 2025)),
        (Ask((), (), since="2019-01", until="2019-12"), range(2019, 2020)),
        (Ask((), (), until="2021-12"), range(2018, 2022)),
        (Ask((), (), since="2026-01"), range(0)),  # not published yet: absent, no fault
    ],
)
def test_the_listed_yearly_files_of_the_asked_years_and_nothing_else(dft, web, ask, years):
    names = [file.name for file in stats19.fetch(web, ask)]
    assert names == [f"{STEM}-collision-{year}.csv" for year in years]


def test_a_page_that_lists_no_yearly_file_is_a_fault(internet, web):
    internet.expect_request(LISTING).respond_with_json({"result": {"resources": []}})
    with pytest.raises(Fault, match=r"no yearly collision file.*--inbox"):
        list(stats19.fetch(web, Ask((), ())))


def test_a_year_that_fails_does_not_stop_the_others(dft, web):
    dft.clear()
    resources = [{"url": f"https://data.dft.gov.uk/x/{n}"} for n in NAMES[5:7]]
    dft.expect_request(LISTING).respond_with_json({"result": {"resources": resources}})
    dft.expect_request(SERVED + NAMES[6]).respond_with_data(f"{SERVED_HEADER}\n{ROW}\n")
    found = list(stats19.fetch(web, Ask((), ())))
    assert [isinstance(f, Fault) for f in found] == [True, False]


def file_of(folder, name, content):
    path = folder / name
    path.write_text(content)
    return File(path, name)


def recognised(folder, name, content=f"{SERVED_HEADER}\n{ROW}\n"):
    return list(stats19.recognise(file_of(folder, name, content), Ask((), ())))


@pytest.mark.parametrize("name", ["collision-2024", "accident-2024"])
def test_a_year_is_kept_by_one_name_whatever_the_word(tmp_path, name):
    (reply,) = recognised(tmp_path, f"{STEM}-{name}.csv")
    assert reply.name == f"{STEM}-collision-2024.csv"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (f"{STEM}-collision-provisional-mid-year-unvalidated-2025.csv", "not validated"),
        (f"{STEM}-collision-last-5-years.csv", "slides with each release"),
        (f"{STEM}-collision-1979-latest-published-year.csv", "slides with each release"),
        (f"{STEM}-casualty-2024.csv", "not a year's collisions"),
        (f"{STEM}-vehicle-2024.csv", "not a year's collisions"),
    ],
)
def test_other_files_of_the_publisher_are_set_aside_with_the_reason(tmp_path, name, why):
    with pytest.raises(SetAside, match=why):
        recognised(tmp_path, name)


@pytest.mark.parametrize(
    "content",
    ["collision_index,casualty_reference\n1,2\n", "reference,date\n1,2\n", "<html></html>", ""],
)
def test_a_yearly_file_of_something_else_is_a_fault(tmp_path, content):
    with pytest.raises(Fault):
        recognised(tmp_path, f"{STEM}-collision-2024.csv", content)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_of_the_header_is_read_the_same(tmp_path, dialect):
    header = DIALECTS[dialect]
    row = ",".join(ROW.split(",")[: header.count(",") + 1])
    path = tmp_path / "collision-2024.csv"
    path.write_text(f"{header}\n{row}\n")
    with models.connect(spatial=False) as con:
        kept, lost = models.stage_file(
            con, "stats19", path, f"{STEM}-collision-2024.csv", layout("stats19", "collisions"),
            every_column("stats19"), tmp_path / "out.parquet",
        )  # fmt: skip
        (found,) = con.read_parquet(str(tmp_path / "out.parquet")).fetchall()
        names = con.read_parquet(str(tmp_path / "out.parquet")).columns
    told = dict(zip(names, found, strict=True))
    assert (kept, lost) == (1, 0)
    assert (told["collision_index"], told["severity"], told["crs"]) == (
        *("2024123X4", "Serious", "EPSG:27700"),
    )
    assert (told["x"], told["y"], told["serious_weight"]) == (458900, 304500, 1)
    assert (told["adjusted_serious"] is None) == (dialect in ("2021", "2023"))
