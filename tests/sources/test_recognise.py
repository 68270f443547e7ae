"""What each source makes of a file: every publisher's layout, and everything that is not one."""

import geopandas as gpd
import publisher_files as pf
import pytest
from shapely.geometry import box

from flows.sources import SOURCES, files
from flows.sources.files import Ask, Fault, File, SetAside

ASK = Ask(("E07000129",), ("leicestershire",))
STREET_ZIP = {
    "2025-11/2025-11-leicestershire-street.csv": pf.STREET,
    "2025-12/2025-12-leicestershire-street.csv": pf.STREET,
    "2025-12/2025-12-west-mercia-street.csv": pf.STREET,
    "2025-12/2025-12-leicestershire-outcomes.csv": b"Crime ID,Month\n",
    "2025-12/2025-12-leicestershire-stop-and-search.csv": pf.STOP,
}
CENSUS_ZIP = {
    "census2021-ts011-ctry.csv": pf.CENSUS,
    "census2021-ts011-lsoa.csv": pf.CENSUS,
    "census2021-ts011-oa.csv": pf.CENSUS,
    "metadata/ts011.txt": b"notes",
}
NSPL_ZIP = {
    "Data/NSPL_AUG_2026_UK.csv": pf.NSPL,
    "Data/multi_csv/NSPL_AUG_2026_UK_LE.csv": pf.NSPL,
    "Documents/NSPL User Guide Aug 2026.csv": b"a,b\n",
    "User Guide/NSPL.pdf": b"%PDF",
}
ONSPD_ZIP = {
    "Data/ONSPD_NOV_2025_UK.csv": pf.ONSPD_2025,
    "Data/multi_csv/ONSPD_NOV_2025_UK_AB.csv": pf.ONSPD_2025,
    "Documents/LA_UA names and codes UK.csv": b"a,b\n",
}
FILE_7_2019 = "File_7_-_All_IoD2019_Scores__Ranks__Deciles_and_Population_Denominators_3.csv"
FILE_7 = "File_7_IoD2025_All_Ranks_Scores_Deciles_Population_Denominators.csv"


def file_of(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return File(path, f"https://publisher.example/{name}")


def replies(source, file, ask=ASK):
    return list(SOURCES[source].recognise(file, ask))


def fault_of(source, file, ask=ASK):
    """The sentence of a Fault: the file, what is wrong, and what to do."""
    with pytest.raises(Fault) as raised:
        replies(source, file, ask)
    sentence = str(raised.value)
    assert sentence.startswith(file.name)
    assert sentence.endswith(".") and ". " in sentence.removeprefix(file.name)
    return sentence


def content_of(reply):
    return reply.content if isinstance(reply.content, bytes) else reply.content.read_bytes()


# Good files ------------------------------------------------------------------------------------

GOOD = [
    ("police_crime", "2025-12-leicestershire-street.csv", pf.STREET, "street"),
    ("census_2021", "census2021-ts011-lsoa.csv", pf.CENSUS, "topic"),
    ("indices_of_deprivation", FILE_7, pf.FILE_7_2025, "file_7"),
    ("indices_of_deprivation", "renamed by hand.csv", pf.FILE_7_2025, "file_7"),
    ("indices_of_deprivation", FILE_7_2019, pf.FILE_7_2019, "file_7_earlier"),
    ("indices_of_deprivation", "renamed by hand.csv", pf.FILE_7_2019, "file_7_earlier"),
    ("population", "nomis.csv", pf.NOMIS, "nomis"),
    ("population", "nomis.csv", pf.BOM + pf.NOMIS, "nomis"),
    (
        "population",
        "nomis.csv",
        pf.NOMIS.replace(b",2\n", b"\n").replace(b',"RECORD_COUNT"', b""),
        "nomis",
    ),
    ("population", "mid-2020.csv", pf.SINGLE_YEAR, "single_year_of_age"),
    ("postcodes", "NSPL_AUG_2026_UK.csv", pf.NSPL, "directory"),
    ("postcodes", "onspd.csv", pf.ONSPD_2018, "directory"),
    ("postcodes", "onspd.csv", pf.BOM + pf.ONSPD_2025, "directory"),
    ("postcodes", "le.csv", pf.CODE_POINT, "code_point"),
    ("price_paid", "pp-2006.csv", pf.PRICE_PAID, "sales"),
    ("price_paid", "pp-2006.csv", pf.PRICE_PAID_15 * 50, "sales"),
    ("price_paid", "pp-complete.csv", pf.PRICE_PAID_15, "sales"),
    ("price_paid", "pp-monthly-update-new-version.csv", pf.PRICE_PAID, "sales"),
    ("price_paid", "pp-monthly-update.txt", pf.PRICE_PAID, "sales"),
    ("fuel_poverty", "Sub-regional_fuel_poverty_2026_2024_data.xlsx", pf.WORKBOOK, "small_areas"),
    ("fingertips", "indicators.data.csv", pf.FINGERTIPS_26, "all_data"),
    ("fingertips", "indicators.data.csv", pf.FINGERTIPS_27, "all_data"),
    ("ons_geography", "LSOA_2021_BGC_V5.geojson", pf.BOUNDARIES, "boundaries"),
    ("ons_geography", "LSOA11_LSOA21_LAD22_EW_LU_v5.csv", pf.EXACT, "lookup"),
    ("ons_geography", "LSOA21_RUC21_EW_LU.csv", pf.RURAL_URBAN, "lookup"),
    ("ons_geography", "LSOA21_WD24_LAD24_EW_LU.csv", pf.WARDS, "lookup"),
    ("ons_geography", "LSOA_PopCentroids_EW_2021_V4.csv", pf.CENTROIDS, "lookup"),
]
ONE_EACH = {row[0]: row for row in GOOD}


@pytest.mark.parametrize(("source", "name", "content", "table"), GOOD)
def test_a_good_file_gives_one_reply_with_its_own_bytes(tmp_path, source, name, content, table):
    file = file_of(tmp_path, name, content)
    (reply,) = replies(source, file)
    assert reply.table == table
    assert content_of(reply) == content
    assert reply.url == file.url


@pytest.mark.parametrize(
    ("source", "name", "content", "table"), ONE_EACH.values(), ids=list(ONE_EACH)
)
def test_windows_writes_endings_in_capitals_too(tmp_path, source, name, content, table):
    stem, _, ending = name.rpartition(".")
    (reply,) = replies(source, file_of(tmp_path, f"{stem}.{ending.upper()}", content))
    assert reply.table == table


def test_of_a_police_archive_every_force_s_street_member_is_taken(tmp_path):
    file = file_of(tmp_path, "2025-12.zip", pf.zip_of(STREET_ZIP))
    found = replies("police_crime", file)
    assert [r.name for r in found] == [
        "2025-11-leicestershire-street.csv",
        "2025-12-leicestershire-street.csv",
        "2025-12-west-mercia-street.csv",
    ]
    assert {r.edition for r in found} == {"2025-12"}
    assert found[0].url == f"{file.url}!2025-11/2025-11-leicestershire-street.csv"
    assert found[0].content == pf.STREET


def test_months_that_nobody_asked_for_are_left_in_the_archive(tmp_path):
    file = file_of(tmp_path, "2025-12.zip", pf.zip_of(STREET_ZIP))
    ask = Ask((), (), since="2025-12", until="2025-12")
    assert {r.name[:7] for r in replies("police_crime", file, ask)} == {"2025-12"}
    # the archive is a good one all the same
    assert replies("police_crime", file, Ask((), (), since="2031-01")) == []


def test_of_a_census_zip_the_small_areas_are_taken(tmp_path):
    (reply,) = replies(
        "census_2021", file_of(tmp_path, "census2021-ts011.zip", pf.zip_of(CENSUS_ZIP))
    )
    assert (reply.table, reply.name) == ("topic", "census2021-ts011-lsoa.csv")
    assert reply.content == pf.CENSUS


@pytest.mark.parametrize(
    ("members", "name"),
    [(NSPL_ZIP, "NSPL_AUG_2026_UK.csv"), (ONSPD_ZIP, "ONSPD_NOV_2025_UK.csv")],
)
def test_of_a_postcode_zip_the_one_directory_is_taken(tmp_path, members, name):
    (reply,) = replies("postcodes", file_of(tmp_path, "directory.zip", pf.zip_of(members)))
    assert reply.table == "directory"
    assert reply.content == members[f"Data/{name}"]


def test_a_newer_postcode_directory_replaces_the_older_whatever_its_month_is_called(tmp_path):
    """November 2026 stands after August 2027 in the alphabet, not in time."""
    found = []
    for edition in ("NOV_2026", "AUG_2027"):
        content = pf.zip_of({f"Data/NSPL_{edition}_UK.csv": pf.NSPL})
        found += replies("postcodes", file_of(tmp_path, f"nspl-{edition}.zip", content))
    older, newer = found
    assert older.name == newer.name
    assert older.edition < newer.edition


def test_each_kind_of_lookup_has_one_name_so_that_a_newer_one_replaces_it(tmp_path):
    names = {
        key: replies("ons_geography", file_of(tmp_path, f"{key}.csv", content))[0].name
        for key, content in {
            "exact": pf.EXACT,
            "rural": pf.RURAL_URBAN,
            "wards": pf.WARDS,
            "wards_2025": pf.WARDS.replace(b"24", b"25"),
            "centroids": pf.CENTROIDS,
        }.items()
    }
    assert names.pop("wards_2025") == names["wards"]
    assert len(set(names.values())) == 4


@pytest.mark.parametrize("content", [pf.BEST_FIT, pf.HIERARCHY])
def test_a_lookup_with_other_rows_does_not_pass_for_the_one_of_authorities(tmp_path, content):
    """Best fit leaves 1,039 small areas out; the hierarchy has a row for each output area."""
    with pytest.raises(SetAside):
        replies("ons_geography", file_of(tmp_path, "lookup.csv", content))


def test_boundaries_in_a_geopackage_are_taken(tmp_path):
    path = tmp_path / "lsoa.gpkg"
    frame = gpd.GeoDataFrame({"LSOA21CD": ["E01011949"]}, geometry=[box(0, 0, 9, 9)], crs=27700)
    frame.to_file(path)
    (reply,) = replies("ons_geography", File(path, path.name))
    assert reply.table == "boundaries"
    assert content_of(reply) == path.read_bytes()


def test_a_shapefile_with_the_right_field_is_never_said_to_lack_it(tmp_path):
    """Its fields stand in the .dbf beside it: take it whole, or tell the reader what to give."""
    path = tmp_path / "lsoa.shp"
    frame = gpd.GeoDataFrame({"LSOA21CD": ["E01011949"]}, geometry=[box(0, 0, 9, 9)], crs=27700)
    frame.to_file(path)
    try:
        (reply,) = replies("ons_geography", File(path, path.name))
    except SetAside as why:
        assert "no field" not in str(why)
        assert "GeoPackage" in str(why) or "GeoJSON" in str(why)
    else:
        assert reply.table == "boundaries"


# Wrong files -----------------------------------------------------------------------------------

EXPECTED_NAMES = [
    ("police_crime", "2025-12.zip"),
    ("police_crime", "2025-12-leicestershire-street.csv"),
    ("census_2021", "census2021-ts011.zip"),
    ("census_2021", "census2021-ts011-lsoa.csv"),
    ("indices_of_deprivation", FILE_7),
    ("population", "nomis.csv"),
    ("postcodes", "nspl.zip"),
    ("postcodes", "NSPL_AUG_2026_UK.csv"),
    ("price_paid", "pp-2024.csv"),
    ("fuel_poverty", "fuel.xlsx"),
    ("fingertips", "fingertips.csv"),
    ("ons_geography", "boundaries.geojson"),
    ("ons_geography", "boundaries.gpkg"),
    ("ons_geography", "lookup.csv"),
]


@pytest.mark.parametrize(("source", "name"), EXPECTED_NAMES)
@pytest.mark.parametrize("page", [pf.HTML, pf.BOM + pf.HTML, b'<?xml version="1.0"?><Error/>'])
def test_a_web_page_in_place_of_data_is_a_fault(tmp_path, source, name, page):
    assert "web page" in fault_of(source, file_of(tmp_path, name, page))


@pytest.mark.parametrize(("source", "name"), EXPECTED_NAMES)
@pytest.mark.parametrize("nothing", [b"", b"\r\n \n"])
def test_an_empty_file_is_a_fault(tmp_path, source, name, nothing):
    assert "the file is empty" in fault_of(source, file_of(tmp_path, name, nothing))


ARCHIVES = [
    ("police_crime", "2025-12.zip", STREET_ZIP),
    ("census_2021", "census2021-ts011.zip", CENSUS_ZIP),
    ("postcodes", "nspl.zip", NSPL_ZIP),
]


@pytest.mark.parametrize(("source", "name", "members"), ARCHIVES)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_zip_that_is_cut_short_is_a_fault(tmp_path, source, name, members, share):
    whole = pf.zip_of(members)
    sentence = fault_of(source, file_of(tmp_path, name, whole[: int(len(whole) * share)]))
    assert "cut short or damaged" in sentence


@pytest.mark.parametrize(("source", "name", "members"), ARCHIVES)
def test_a_zip_without_the_wanted_members_is_a_fault(tmp_path, source, name, members):
    others = pf.zip_of(
        {"readme.txt": b"hello", "2025-12/2025-12-leicestershire-outcomes.csv": b"x"}
    )
    sentence = fault_of(source, file_of(tmp_path, name, others))
    assert "holds no" in sentence


@pytest.mark.parametrize(("source", "name", "members"), ARCHIVES)
def test_a_damaged_member_is_a_fault_that_names_it(tmp_path, source, name, members):
    wanted = next(
        m for m in sorted(members) if "street" in m or "lsoa" in m or m.startswith("Data/")
    )
    members = {wanted: members[wanted]}
    broken = pf.damage(pf.stored_zip(members), members[wanted])
    sentence = fault_of(source, file_of(tmp_path, name, broken))
    assert f"{name}!{wanted}" in sentence


def test_a_member_whose_deflated_bytes_are_damaged_is_a_fault(tmp_path):
    name = "2025-12/2025-12-leicestershire-street.csv"
    whole = bytearray(pf.zip_of({name: pf.STREET}))
    start = 30 + len(name)
    whole[start : start + 40] = b"\xff" * 40
    assert name in fault_of("police_crime", file_of(tmp_path, "2025-12.zip", bytes(whole)))


def test_a_member_that_claims_to_be_enormous_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LARGEST_MEMBER", len(pf.STREET) - 1)
    sentence = fault_of("police_crime", file_of(tmp_path, "2025-12.zip", pf.zip_of(STREET_ZIP)))
    assert "over 8 GiB" in sentence


def test_a_member_that_would_climb_out_of_the_archive_is_ignored(tmp_path):
    content = pf.zip_of({"../../2025-12-evil-street.csv": pf.STREET, **STREET_ZIP})
    found = replies("police_crime", file_of(tmp_path, "2025-12.zip", content))
    assert "2025-12-evil-street.csv" not in {r.name for r in found}


WRONG_HEADERS = [
    (
        "population",
        "nomis.csv",
        b"code,name,value\nE01011949,Hartlepool 009A,3\n",
        "GEOGRAPHY_CODE",
    ),
    ("fingertips", "data.csv", b"Area Code,Value\nE06000001,3\n", "Indicator ID"),
    ("price_paid", "pp-2024.csv", b'"112000","2006-05-22 00:00","MK13 7QS"\n', "3 columns"),
    ("price_paid", "pp-2024.csv", b"\n" + pf.PRICE_PAID, "columns"),
    (
        "fuel_poverty",
        "fuel.xlsx",
        b"\xd0\xcf\x11\xe0 an old .xls workbook",
        "not an Excel workbook",
    ),
    ("ons_geography", "lsoa.geojson", b"LSOA21CD,LSOA21NM\nE01011949,H\n", "not GeoJSON"),
]


@pytest.mark.parametrize(("source", "name", "content", "told"), WRONG_HEADERS)
def test_a_file_with_another_header_is_a_fault_that_says_what_is_lacking(
    tmp_path, source, name, content, told
):
    assert told in fault_of(source, file_of(tmp_path, name, content))


@pytest.mark.parametrize("content", [pf.FILE_1_2025, pf.FILE_2_2025])
def test_other_files_of_the_indices_are_set_aside(tmp_path, content):
    """File 1 has the ranks and deciles of the IMD: kept as File 7 it would blank every score."""
    with pytest.raises(SetAside):
        replies("indices_of_deprivation", file_of(tmp_path, "iod.csv", content))


def test_a_nomis_answer_cut_at_the_guest_s_limit_is_a_fault(tmp_path):
    cut = pf.NOMIS.replace(b",2\n", b",31000\n")
    sentence = fault_of("population", file_of(tmp_path, "nomis.csv", cut))
    assert "31000" in sentence and "the file holds 2" in sentence


def test_a_nomis_answer_with_a_header_only_is_a_fault(tmp_path):
    header = pf.NOMIS.splitlines(keepends=True)[0]
    assert "without rows" in fault_of("population", file_of(tmp_path, "nomis.csv", header))


def test_a_nomis_answer_that_excel_saved_in_its_own_encoding_is_no_traceback(tmp_path):
    content = pf.NOMIS.decode().replace("Hartlepool", "Ynys Môn").encode("cp1252")
    file = file_of(tmp_path, "nomis.csv", content)
    try:
        (reply,) = replies("population", file)
    except Fault as why:
        assert file.name in str(why)
    else:
        assert reply.table == "nomis"


def test_a_nomis_count_that_is_no_number_is_no_traceback(tmp_path):
    content = pf.NOMIS.replace(b",2\n", b",many\n")
    fault_of("population", file_of(tmp_path, "nomis.csv", content))


def test_a_price_paid_search_report_is_set_aside_and_it_says_what_to_get(tmp_path):
    for content in (pf.PRICE_PAID_REPORT, pf.BOM + pf.PRICE_PAID_REPORT):
        with pytest.raises(SetAside, match=r"search report.*pp-YYYY\.csv"):
            replies("price_paid", file_of(tmp_path, "ppd_data.csv", content))


def test_price_paid_rows_under_another_name_are_set_aside(tmp_path):
    with pytest.raises(SetAside, match="not named like a bulk file"):
        replies("price_paid", file_of(tmp_path, "my houses.csv", pf.PRICE_PAID))


UNKNOWN = [
    *(
        (source, "notes.txt", b"remember to ask Jo\n")
        for source in SOURCES
        if source != "price_paid"
    ),
    ("price_paid", "notes.docx", pf.WORKBOOK),
    ("postcodes", "readme.csv", b"a,b\n1,2\n"),
    ("ons_geography", "codes.csv", b"MSOA21CD,MSOA21NM\nE02002491,Hartlepool 009\n"),
    ("ons_geography", "small.csv", b"LSOA21CD,LSOA21NM\nE01011949,Hartlepool 009A\n"),
    ("ons_geography", "wards.geojson", pf.BOUNDARIES.replace(b"LSOA21", b"WD24")),
    ("census_2021", "census2021-ts011-msoa.csv", pf.CENSUS),
    ("police_crime", "2025-12-leicestershire-outcomes.csv", b"Crime ID,Month\n"),
]


@pytest.mark.parametrize(("source", "name", "content"), UNKNOWN)
def test_a_file_of_another_kind_is_set_aside_with_the_reason(tmp_path, source, name, content):
    with pytest.raises(SetAside) as raised:
        replies(source, file_of(tmp_path, name, content))
    assert len(str(raised.value)) > 10
