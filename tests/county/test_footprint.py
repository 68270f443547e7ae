"""``--areas``: the same evidence re-cut to other areas for one run, and the place left as it is."""

import hashlib
import json
import shutil
from pathlib import Path

import duckdb
import geopandas as gpd
import pytest

PROPOSAL = """
[[area_kind]]
id = "proposed_unitary"
label = "Two unitary councils"
partition = true
[area_kind.membership]
of = "authority"
areas = [
    { code = "U1", name = "North and Mid", members = ["X07000001", "X07000002"] },
    { code = "U2", name = "South", members = ["X07000003"] },
]

[[area_kind]]
id = "merged_forum"
label = "Merged forums"
[area_kind.membership]
of = "community_forum_area"
areas = [{ code = "MF", name = "The first two", members = ["X-F1", "X-F2"] }]

[[area_kind]]
id = "merged_town"
label = "Merged towns"
[area_kind.membership]
of = "town"
areas = [{ code = "MT", name = "The first two", members = ["X63000001", "X63000002"] }]

[[area_kind]]
id = "cluster"
label = "Most deprived clusters"
rule = { where = "imd_decile <= 3", group_by = "adjoining", code = "C-{group}" }
"""


def bytes_of(folder):
    return {
        p.relative_to(folder): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*")
        if p.is_file()
    }


@pytest.fixture(scope="module")
def study(released, tmp_path_factory):
    """The figures of a study on the released data folder, and what it left of that folder."""
    from flows.evidence import Request, refresh

    folder = tmp_path_factory.mktemp("proposal")
    data = folder / "data"
    shutil.copytree(released, data)
    file = folder / "proposal.toml"
    file.write_text(PROPOSAL, encoding="utf-8")
    before = bytes_of(data / "latest") | bytes_of(data / "releases")
    outcome = refresh(Request(place="exampleshire", data=str(data), areas=str(file)))
    assert outcome.state == "study", outcome
    return outcome, before == bytes_of(data / "latest") | bytes_of(data / "releases")


def sums(table, kind, codes, indicator="crimes_month"):
    rows = duckdb.execute(
        "select period, sum(numerator) from read_parquet($table) where indicator_id = $indicator"
        " and area_kind = $kind and list_contains($codes, area_code) group by period order by 1",
        {"table": table, "kind": kind, "codes": codes, "indicator": indicator},
    ).fetchall()
    assert rows
    return rows


def test_what_readers_see_is_as_it_was(study):
    outcome, untouched = study
    assert untouched
    manifest = json.loads((Path(outcome.folder) / "manifest.json").read_text("utf-8"))
    assert [e["area_kind"] for e in manifest["editions"]][-1] == "cluster"


@pytest.mark.parametrize(
    ("kind", "code", "of", "members"),
    [
        ("proposed_unitary", "U1", "district", ["X07000001", "X07000002"]),
        ("proposed_unitary", "U2", "district", ["X07000003"]),
        ("merged_forum", "MF", "community_forum_area", ["X-F1", "X-F2"]),
        ("merged_town", "MT", "town", ["X63000001", "X63000002"]),
    ],
)
@pytest.mark.parametrize("indicator", ["crimes_month", "social_rented_households"])
def test_a_merged_area_counts_what_its_members_count(study, kind, code, of, members, indicator):
    table = f"{study[0].folder}/evidence.parquet"
    assert sums(table, kind, [code], indicator) == sums(table, of, members, indicator)


def test_clusters_are_the_deprived_small_areas_that_adjoin(study):
    ledger = duckdb.execute(
        "select distinct area_code, small_area_code from read_parquet($table)"
        " where area_kind = 'cluster' and counted = 'residents'",
        {"table": f"{study[0].folder}/assignment_ledger.parquet"},
    ).fetchall()
    clusters = gpd.read_file(f"{study[0].folder}/localities.gpkg", layer="cluster")
    assert {code for code, _ in ledger} == set(clusters["area_code"])
    assert {code.removeprefix("C-") for code, _ in ledger} <= {member for _, member in ledger}
    assert not clusters.buffer(-1).overlaps(clusters.union_all()).any()
    # two clusters never share an edge, or they would be one
    for one, other in ((a, b) for a in clusters.geometry for b in clusters.geometry if a is not b):
        assert one.intersection(other).length < 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[area_kind]]\nid = 'x'\nlabel = 'X'\n", "it has 0 definitions"),
        ("[[area_kind]]\nid = 'town'\nlabel = 'T'\nrule = { group_by = 'place' }\n", "twice"),
        ("surprise = 1\n", "surprise"),
        ("[[area_kind]\n", "not valid TOML"),
        (PROPOSAL.replace("X07000003", "X07000O03"), "Did you mean X07000003?"),
        (
            PROPOSAL.replace('"X-F2"', '"X-F9"'),
            "X-F9 is not a community_forum_area of the place.",
        ),
        (PROPOSAL.replace("imd_decile <= 3", "imd_decil <= 3"), "'imd_decil' is not known"),
        (PROPOSAL.replace('"X07000001", ', ""), "in no proposed_unitary"),
    ],
)
def test_a_fault_in_the_file_is_one_sentence_and_exit_code_2(county, tmp_path, command, text, told):
    place, data = county
    file = tmp_path / "areas.toml"
    file.write_text(text, encoding="utf-8")
    code, _, err = command("refresh", "--place", place, "--data", data, "--areas", file)
    assert code == 2
    assert told in err and "Traceback" not in err
    assert not (data / "studies").exists()


def test_a_file_that_is_not_there(command, tmp_path):
    code, _, err = command("refresh", "--data", tmp_path, "--areas", tmp_path / "none.toml")
    assert code == 2 and "is not a file" in err


def study_of(county, text, tmp_path, *themes, **files):
    from flows.evidence import Request, refresh

    place, data = county
    folder = tmp_path / "proposal"
    folder.mkdir()
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    (folder / "areas.toml").write_text(text, encoding="utf-8")
    asked = {"place": str(place), "data": str(data), "areas": str(folder / "areas.toml")}
    return refresh(Request(**asked, themes=themes))


def test_a_proposal_beside_a_copy_of_the_places_list_changes_neither_the_place_nor_latest(
    county, tmp_path
):
    """The natural way to write a proposal is to copy the list and to edit it."""
    from flows.evidence import Request, refresh

    place, data = county
    text = (place / "community_forums.csv").read_text("utf-8").replace("X-F2", "X-F1")
    text = text.replace("Larkmoor Forum (invented)", "Fellside Forum (invented)")
    entry = '[[area_kind]]\nid = "merged"\nlabel = "M"\nmembership = { file = "%s" }\n'
    asked = entry % "community_forums.csv"
    outcome = study_of(county, asked, tmp_path, "older_people", community_forums=text)
    table = f"{outcome.folder}/evidence.parquet"
    forums = {c for _, c in codes(table, "community_forum_area")}
    assert "X-F2" in forums and {c for _, c in codes(table, "merged")} == forums - {"X-F2"}
    plain = refresh(Request(place=str(place), data=str(data)))
    assert plain.state == "nothing new"
    # nor does a later study take this one's list for its own
    (tmp_path / "proposal" / "areas.toml").write_text(entry % "other.csv", encoding="utf-8")
    areas = str(tmp_path / "proposal" / "areas.toml")
    more = {"areas": areas, "themes": ("older_people",)}
    later = refresh(Request(place=str(place), data=str(data), **more))
    assert any("M: no file other.csv in hand" in gap for gap in later.gaps)


def codes(table, kind):
    return duckdb.execute(
        "select distinct area_kind, area_code from read_parquet($table) where area_kind = $kind",
        {"table": table, "kind": kind},
    ).fetchall()


BEYOND = """
beyond = [{ code = "X07000099", name = "Elsewhere", police_force = "%s" }]
[[area_kind]]
id = "wider"
label = "Wider"
membership = { of = "authority", areas = [{ code = "W", name = "W", members = ["X07000099"] }] }
"""


def test_ground_beyond_the_place_is_counted_with_its_own_force_or_not_at_all(county, tmp_path):
    """Crimes are no figure where the force of that ground has not published."""
    outcome = study_of(county, BEYOND % "nowhere", tmp_path, "safer_communities")
    rows = duckdb.execute(
        "select count(*), count(value) from read_parquet($table)"
        " where source = 'police_crime' and area_kind = 'wider'",
        {"table": f"{outcome.folder}/evidence.parquet"},
    ).fetchone()
    assert rows[0] > 0 and rows[1] == 0


def test_ground_beyond_the_place_leaves_the_places_own_kinds_as_they_are(county, tmp_path):
    outcome = study_of(county, BEYOND % "elsewhere", tmp_path)
    query = (
        "select indicator_id, area_kind, area_code, period, value, assignment_low,"
        " assignment_high, sensitive from read_parquet($table) where area_kind <> 'wider'"
        " and source <> 'police_crime' order by all"
    )
    before, after = (
        duckdb.execute(query, {"table": f"{folder}/evidence.parquet"}).fetchall()
        for folder in (county[1] / "latest", outcome.folder)
    )
    assert before == after
    assert codes(f"{outcome.folder}/evidence.parquet", "wider") == [("wider", "W")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BEYOND.replace(', police_force = "%s"', ""), "police_force"),
        ((BEYOND % "x").replace("X07000099", "X07000001"), "authority 'X07000001' stands twice"),
        (
            '[[area_kind]]\nid = "k"\nlabel = "K"\nmembership = { file = "../../x.csv" }\n',
            "is not the name of a file",
        ),
        (
            '[[area_kind]]\nid = "k"\nlabel = "K"\nmembership = { file = "/etc/*" }\n',
            "is not the name of a file",
        ),
        (PROPOSAL.replace('"MF"', '"=1+1"'), "begins with ="),
        (PROPOSAL.replace('"The first two"', '"A\\nB"'), "hidden character"),
    ],
)
def test_what_is_refused(county, tmp_path, command, text, told):
    place, data = county
    file = tmp_path / "areas.toml"
    file.write_text(text, encoding="utf-8")
    code, _, err = command("refresh", "--place", place, "--data", data, "--areas", file)
    assert code == 2 and told in err and "Traceback" not in err


@pytest.mark.parametrize("day", ["2024-13-45", "0000-01-01", "tomorrow"])
def test_a_day_that_is_none_is_told(command, tmp_path, day):
    code, _, err = command("refresh", "--data", tmp_path, "--boundaries", day)
    assert code == 2 and f"--boundaries: '{day}' is not" in err
