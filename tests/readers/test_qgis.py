"""The layers of the county's release as QGIS draws them, dragged in by nobody's help, and the
project with its page."""

import json
import subprocess
from pathlib import Path

import pytest

PYTHON = Path("/usr/bin/python3")  # Debian's, which has PyQGIS
SCRIPT = Path(__file__).with_name("render_qgis.py")
RAMP = ["#dbe9f6", "#a9cdea", "#6aa3d5", "#2c6fb0", "#0a3566"]
WHITE, INK = "#ffffff", "#0b0c0c"
KINDS = (
    *("priority_neighbourhood", "community_forum_area", "town", "rural_area", "district", "place"),
)
WITHHELD = "Withheld or not available"


def has_qgis():
    asked = [PYTHON, "-c", "import qgis.core"]
    return PYTHON.exists() and not subprocess.run(asked, capture_output=True).returncode


pytestmark = [
    pytest.mark.readers,
    pytest.mark.slow,
    pytest.mark.skipif(not has_qgis(), reason="PyQGIS (qgis, python3-qgis) is not here"),
]


def render(release, out, *layers):
    done = subprocess.run(
        [PYTHON, SCRIPT, release, out, *layers], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads((out / "qgis.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def drawn(released, tmp_path_factory):
    """What QGIS says of each layer, of the project, and of the pictures that it made."""
    return render(released / "latest", tmp_path_factory.mktemp("qgis"))


class TestEachLayer:
    @pytest.mark.parametrize("kind", KINDS)
    def test_comes_up_with_rules_in_the_national_grid(self, drawn, kind):
        found = drawn["layers"][kind]
        assert found["valid"] and found["features"]
        assert (found["crs"], found["renderer"]) == ("EPSG:27700", "RuleRenderer")

    @pytest.mark.parametrize("kind", KINDS[:-1])
    def test_has_names_classes_and_a_hatch_for_what_is_missing(self, drawn, kind):
        found = drawn["layers"][kind]
        assert found["labels"]
        *classes, (words, rule, hatched) = found["rules"][2:]
        assert 1 <= len(classes) <= 5
        assert (words, hatched) == (WITHHELD, True) and rule.endswith(" IS NULL")
        assert not any(hatched for *_, hatched in classes)

    def test_the_whole_county_is_an_outline(self, drawn):
        found = drawn["layers"]["place"]
        assert [words for words, *_ in found["rules"] if words] == ["Boundary"]
        assert not found["labels"]

    @pytest.mark.parametrize("layer", [*KINDS, "small_areas", "indicators", "figures"])
    def test_every_column_has_a_name_for_people(self, drawn, layer):
        aliases = dict(drawn["layers"][layer]["aliases"])
        aliases.pop("fid")
        assert aliases and all(aliases.values())
        assert len(set(aliases.values())) == len(aliases)

    def test_it_says_whose_it_is(self, drawn):
        found = drawn["layers"]["town"]
        assert found["licences"] == ["Open Government Licence v3.0"]
        assert any("Office for National Statistics" in right for right in found["rights"])

    def test_an_officer_may_choose_a_map_of_each_indicator(self, drawn, released):
        package = json.loads((released / "latest" / "datapackage.json").read_text("utf-8"))
        assert package["invented"]
        styles = drawn["layers"]["town"]["styles"]
        assert len(styles) >= 50 and "Index of Multiple Deprivation 2025, average score" in styles

    def test_days_are_days_and_figures_numbers(self, drawn):
        types = drawn["layers"]["figures"]["types"]
        assert (types["period_end"], types["value"], types["note"]) == ("Date", "Real", "String")


class TestThePictures:
    @pytest.mark.parametrize("kind", KINDS)
    def test_they_show_something(self, drawn, kind):
        seen = drawn["pictures"][kind]
        assert len(seen) > 1 and seen[WHITE] < 0.99 * sum(seen.values())

    def test_the_classes_have_their_colours_and_none_is_red(self, drawn):
        seen = drawn["pictures"]["community_forum_area"]
        for colour in RAMP:
            assert seen.get(colour, 0) > 1_000, colour
        assert not any(int(rgb[1:3], 16) > int(rgb[5:7], 16) + 40 for rgb in seen)

    def test_the_outline_hides_nothing(self, drawn):
        seen = drawn["pictures"]["place"]
        assert seen[WHITE] > 0.9 * sum(seen.values())

    def test_what_is_missing_is_hatched(self, released, drawn, tmp_path):
        """The same release, with the first layer's figures taken away from it."""
        import shutil
        import sqlite3
        from contextlib import closing

        release = tmp_path / "release"
        release.mkdir()
        for name in ("localities.gpkg", "localities.qgz"):
            shutil.copy(released / "latest" / name, release / name)
        rule = drawn["layers"]["district"]["rules"][-1][1]
        column = rule.split('"')[1]
        with closing(sqlite3.connect(release / "localities.gpkg")) as con, con:
            for (trigger,) in con.execute(
                "select name from sqlite_master where type = 'trigger' and tbl_name = 'district'"
            ).fetchall():
                con.execute(f'drop trigger "{trigger}"')
            con.execute(f'update district set "{column}" = null')
        seen = render(release, tmp_path / "out", "district")["pictures"]["district"]
        assert not set(RAMP) & set(seen)
        # thin grey lines on white: their rims are lighter, and no line has a hue
        assert 0.6 < seen[WHITE] / sum(seen.values()) < 0.9
        assert all(max(rgb) - min(rgb) < 20 for rgb in map(bytes.fromhex, (c[1:] for c in seen)))


class TestTheProject:
    def test_it_opens_with_every_layer(self, drawn):
        told = drawn
        assert told["read"] and told["bad"] == []
        assert told["project_crs"] == "EPSG:27700"
        assert told["title"] == "Neighbourhood evidence for Exampleshire (invented)"

    def test_the_outline_is_on_top_and_one_kind_is_shown(self, drawn):
        order = drawn["order"]
        assert order[0] == ["The whole county", True]
        shown = [name for name, visible in order if visible]
        assert shown == ["The whole county", "Community forum areas"]
        assert [name for name, _ in order][-3:] == [
            *("Small areas (LSOAs)", "Indicators", "All figures"),
        ]

    def test_its_layers_look_as_those_of_the_geopackage(self, drawn):
        told = drawn
        assert told["project"]["Towns"]["rules"] == told["layers"]["town"]["rules"]
        assert told["project"]["Towns"]["aliases"] == told["layers"]["town"]["aliases"]

    def test_the_page_has_what_a_map_needs_and_prints(self, drawn):
        told = drawn
        (items,) = told["layouts"].values()
        assert [items.count(f"QgsLayoutItem{kind}") for kind in ("Map", "Legend", "ScaleBar")] == [
            *(1, 1, 1),
        ]
        assert (items.count("QgsLayoutItemLabel"), items.count("QgsLayoutItemPicture")) == (3, 1)
        assert told["exported"]
        seen = told["pictures"]["layout"]
        # A4 at 150 dots an inch, lying, with the map's darkest class and the ink of the words
        assert 0.98 * 1754 * 1240 < sum(seen.values()) < 1.01 * 1754 * 1240
        assert seen.get(RAMP[-1], 0) > 5_000
        assert seen.get(INK, 0) > 500
