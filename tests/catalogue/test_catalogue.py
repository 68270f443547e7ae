"""The catalogue and the places: everything wrong is said at once, and an indicator is one entry."""

import re
import shutil

import pytest

from flows import catalogue
from flows.catalogue import PLACES, SOURCES, THEMES, CatalogueFaults

THEME = """
[theme]
id = "safer"
label = "Safer"
partnership = "Safer partnership"
"""
INDICATOR = {
    "id": "bicycle_thefts_month",
    "label": "Bicycles stolen in the month",
    "source": "police_crime",
    "measure": "bicycle_theft",
    "method": "count",
    "unit": "crimes",
    "period": "month",
    "polarity": "low",
    "tier": "police",
    "owner": "Community safety manager",
    "why": "Stolen bicycles put people off cycling.",
    "plausible": [0, 500],
}
RATE = {
    **INDICATOR,
    "id": "bicycle_thefts_rate",
    "method": "rate",
    "denominator": "population.all_ages",
    "per": 1000,
    "period": "rolling_12_months",
    "unit": "per 1,000 residents",
}
SHARE = {
    **INDICATOR,
    "id": "owned",
    "source": "census_2021",
    "measure": "ts054_owned",
    "method": "proportion",
    "denominator": "census_2021.ts054_households",
    "unit": "%",
    "period": "as_published",
}
SCORE = {
    **SHARE,
    "id": "score",
    "source": "indices_of_deprivation",
    "measure": "imd_score",
    "method": "weighted_mean",
    "denominator": "indices_of_deprivation.population",
    "unit": "score",
}
PUBLISHED = {
    **INDICATOR,
    "id": "smoking",
    "source": "fingertips",
    "measure": "smoking_prevalence",
    "method": "as_published",
    "unit": "%",
    "period": "as_published",
}
PLACE = """
[place]
name = "Smallshire"
code = "E10000099"
authorities = [{ code = "E07000999", name = "Small" }]
police_forces = ["smallshire"]

[[area_kind]]
id = "town"
label = "Towns"
polygons = { file = "towns.gpkg", code = "code", name = "name" }

[[area_kind]]
id = "place"
label = "The whole county"
rule = { group_by = "place" }
"""


def toml(entry):
    """One [[indicator]] entry, as a person would type it."""
    values = {k: str(v) if isinstance(v, int | list) else f'"{v}"' for k, v in entry.items()}
    return "\n[[indicator]]\n" + "".join(f"{k} = {v}\n" for k, v in values.items())


def without(entry, key):
    return {k: v for k, v in entry.items() if k != key}


@pytest.fixture
def house(tmp_path):
    """A house of one theme and one place, with all shipped sources; its parts can be rewritten."""

    class House:
        themes, sources, places = tmp_path / "themes", tmp_path / "sources", tmp_path / "places"

        def read(self, place="smallshire", themes=()):
            return catalogue.read(
                place,
                themes,
                themes_folder=self.themes,
                sources_folder=self.sources,
                places_folder=self.places,
            )

        def faults(self, place="smallshire", themes=()):
            with pytest.raises(CatalogueFaults) as raised:
                self.read(place, themes)
            assert str(raised.value) == "\n".join(raised.value.faults)
            return raised.value.faults

        def theme(self, *entries, head=THEME, name="safer"):
            content = head + "".join(toml(e) for e in entries)
            (self.themes / f"{name}.toml").write_text(content, encoding="utf-8")

        def place(self, content, name="smallshire"):
            (self.places / name).mkdir(exist_ok=True)
            (self.places / name / "place.toml").write_text(content, encoding="utf-8")

        def fault_of(self, entry):
            """The one fault of one wrong entry, without its address."""
            self.theme(entry)
            (fault,) = self.faults()
            address = f"themes/safer.toml, indicator '{entry['id']}': "
            assert fault.startswith(address)
            return fault.removeprefix(address)

    house = House()
    house.themes.mkdir()
    house.places.mkdir()
    house.sources.mkdir()
    for path in SOURCES.glob("*.toml"):
        shutil.copy(path, house.sources)
    house.theme(INDICATOR)
    house.place(PLACE)
    return house


# Good entries ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry", [INDICATOR, RATE, SHARE, SCORE, PUBLISHED], ids=lambda e: e["method"]
)
def test_a_good_entry_of_every_method_is_read(house, entry):
    house.theme(entry)
    (indicator,) = house.read().indicators
    assert (indicator.id, indicator.themes) == (entry["id"], ("safer",))
    assert (indicator.owner, indicator.why) == (entry["owner"], entry["why"])


def test_an_indicator_stands_in_its_file_s_theme_first_and_in_the_others_once(house):
    entry = toml(INDICATOR) + 'themes = ["greener", "safer"]\n'
    house.theme(head=THEME + entry)
    house.theme(head=THEME.replace("safer", "greener"), name="greener")
    (indicator,) = house.read().indicators
    assert indicator.themes == ("safer", "greener")
    assert [i.id for i in house.read(themes=("greener",)).indicators] == [INDICATOR["id"]]


def test_only_the_themes_asked_for_are_in_the_book(house):
    house.theme(PUBLISHED, head=THEME.replace("safer", "greener"), name="greener")
    book = house.read(themes=("greener",))
    assert [t.id for t in book.themes] == ["greener"]
    assert [i.id for i in book.indicators] == ["smoking"]
    needed = [s.id for s in book.needed_sources()]
    assert "fingertips" in needed and "ons_geography" in needed and "police_crime" not in needed


def test_the_sources_of_a_denominator_and_what_they_rest_on_are_needed(house):
    house.theme(RATE)
    needed = [s.id for s in house.read().needed_sources()]
    assert {"police_crime", "population", "census_2021", "ons_geography"} <= set(needed)
    assert "price_paid" not in needed


def test_a_place_can_be_a_folder_of_one_s_own(house):
    assert house.read(str(house.places / "smallshire")).place.name == "Smallshire"


def test_the_version_moves_with_every_file_and_only_then(house):
    before = house.read().version
    assert house.read().version == before
    house.place(PLACE.replace("Smallshire", "Little Shire"))
    moved = house.read().version
    house.theme({**INDICATOR, "unit": "thefts"})
    assert len({before, moved, house.read().version}) == 3


# What is wrong with an indicator ---------------------------------------------------------------


def test_an_unknown_key_is_said_with_the_nearest_known_one(house):
    fault = house.fault_of({**INDICATOR, "polarty": "low"})
    assert fault == "unknown key 'polarty'. Did you mean 'polarity'?"
    fault = house.fault_of({**INDICATOR, "zzz": "low"})
    assert fault == "unknown key 'zzz'."


@pytest.mark.parametrize("key", [k for k in INDICATOR if k not in ("id", "period")])
def test_a_missing_key_is_named(house, key):
    assert house.fault_of(without(INDICATOR, key)) == f"key '{key}' is missing. Add it."


def test_an_entry_without_an_id_is_named_as_that(house):
    house.theme(without(INDICATOR, "id"))
    (fault,) = house.faults()
    assert "indicator 'without an id': key 'id' is missing" in fault


WRONG_WORDS = [
    ({"method": "proportions"}, "'proportions' is not known. Did you mean 'proportion'?"),
    ({"polarity": "hihg"}, "Did you mean 'high'? Known: low, high, neither."),
    ({"tier": "County"}, "Did you mean 'county'?"),
    ({"period": "monthly"}, "Did you mean 'month'?"),
    ({"source": "police_crimes"}, "'police_crimes' is not a source. Did you mean 'police_crime'?"),
    (
        {"measure": "bicycle_thefts"},
        "is not a measure of police_crime. Did you mean 'bicycle_theft'?",
    ),
    ({"measure": "bicycle_thefts"}, "They are listed in flows/sources/police_crime.toml."),
    ({"plausible": [500, 0]}, "the first number is above the second. Give [lowest, highest]."),
    ({"plausible": [0]}, "plausible"),
    ({"per": 7}, "per"),
    ({"id": "Bicycle Thefts"}, "id"),
    ({"why": ""}, "why"),
    ({"owner": ""}, "owner"),
]


@pytest.mark.parametrize(("change", "told"), WRONG_WORDS)
def test_a_wrong_word_is_said_with_the_nearest_right_one(house, change, told):
    assert told in house.fault_of({**INDICATOR, **change})


def test_an_unknown_theme_is_said_with_the_nearest(house):
    house.theme(head=THEME + toml(INDICATOR) + 'themes = ["saffer"]\n')
    (fault,) = house.faults()
    assert fault.endswith("themes: 'saffer' is not a theme. Did you mean 'safer'?")
    house.theme(INDICATOR)
    (fault,) = house.faults(themes=("saver",))
    assert fault == "--themes: 'saver' is not a theme. Did you mean 'safer'? Known: safer."


DENOMINATORS = [
    (without(RATE, "denominator"), "method 'rate' needs a denominator."),
    (without(SHARE, "denominator"), "method 'proportion' needs a denominator."),
    (without(SCORE, "denominator"), "method 'weighted_mean' needs a denominator."),
    ({**INDICATOR, "denominator": "population.all_ages"}, "method 'count' takes no denominator."),
    (without(RATE, "per"), "method 'rate' needs per, for example per = 1000."),
    (
        {**RATE, "denominator": "populations.all_ages"},
        "denominator: 'populations' is not a source. Did you mean 'population'?",
    ),
    (
        {**RATE, "denominator": "population.all_agess"},
        "'all_agess' is not a measure of population. Did you mean 'all_ages'?",
    ),
    # a bare word is a measure of the indicator's own source
    (
        {**SHARE, "denominator": "ts054_household"},
        "'ts054_household' is not a measure of census_2021. Did you mean 'ts054_households'?",
    ),
]


@pytest.mark.parametrize(("entry", "told"), DENOMINATORS)
def test_a_denominator_that_does_not_fit_is_said(house, entry, told):
    assert told in house.fault_of(entry)


MISFITS = [
    (without(INDICATOR, "period"), "period 'as_published' does not fit a source of events"),
    ({**SHARE, "period": "month"}, "period 'month' does not fit a source of observations"),
    (
        {**PUBLISHED, "method": "count"},
        "method 'count' does not fit a source whose rows are published",
    ),
    (
        {**SHARE, "method": "as_published", "denominator": ""},
        "method 'as_published' does not fit a source whose rows are observations",
    ),
    (
        {**SHARE, "method": "median", "denominator": ""},
        "method 'median' needs single events: medians of areas are never combined.",
    ),
    ({**RATE, "method": "weighted_mean"}, "method 'weighted_mean' needs values of small areas."),
]


@pytest.mark.parametrize(("entry", "told"), MISFITS)
def test_a_method_or_period_that_the_source_cannot_give_is_said(house, entry, told):
    assert told in house.fault_of(entry)


ATTRIBUTE = {**SHARE, "method": "count", "denominator": "", "id": "attribute"}
MEANINGLESS = [
    # scores are standardised numbers: only their weighted mean means something
    {**SCORE, "method": "count", "denominator": ""},
    {**SCORE, "method": "proportion"},
    {**SCORE, "method": "rate", "per": 1000},
    {**SHARE, "denominator": "indices_of_deprivation.imd_score"},
    # a code or a coordinate is not an amount
    {**ATTRIBUTE, "source": "ons_geography", "measure": "centroid_easting"},
    {**RATE, "denominator": "ons_geography.centroid_easting"},
    # a rate that others published is not an amount to divide by
    {**RATE, "denominator": "fingertips.smoking_prevalence"},
]


@pytest.mark.parametrize("entry", MEANINGLESS)
def test_what_cannot_be_added_up_is_neither_counted_nor_divided_by(house, entry):
    house.theme(entry)
    assert house.faults()


def test_an_indicator_that_stands_twice_is_said_once(house):
    house.theme(INDICATOR, INDICATOR)
    (fault,) = house.faults()
    assert f"indicator '{INDICATOR['id']}' stands twice. Give one of them another id." in fault


def test_an_indicator_that_stands_in_two_themes_files_is_said(house):
    house.theme(INDICATOR, head=THEME.replace("safer", "greener"), name="greener")
    assert any("stands twice" in fault for fault in house.faults())


def test_a_theme_that_stands_twice_is_said(house):
    house.theme(name="copy")
    (fault,) = house.faults()
    assert "theme 'safer' stands twice" in fault


def test_an_entry_of_another_kind_is_said_with_the_nearest(house):
    house.theme(head=THEME + toml(INDICATOR).replace("[[indicator]]", "[[indicators]]"))
    (fault,) = house.faults()
    assert fault == "themes/safer.toml: unknown entry [indicators]. Did you mean 'indicator'?"


def test_one_bracket_for_two_is_the_same_entry(house):
    house.theme(head=THEME + toml(INDICATOR).replace("[[indicator]]", "[indicator]"))
    assert [i.id for i in house.read().indicators] == [INDICATOR["id"]]


def test_words_where_an_entry_should_be_are_no_traceback(house):
    house.theme(head='indicator = "crime"\n' + THEME)
    assert any("themes/safer.toml" in fault for fault in house.faults())
    house.theme(head='theme = "safer"\n')
    assert any("themes/safer.toml" in fault for fault in house.faults())


# All at once -----------------------------------------------------------------------------------


def test_many_faults_in_many_files_are_said_in_one_reading(house):
    house.theme(
        {**INDICATOR, "id": "one", "polarty": "low"},
        {**INDICATOR, "id": "two", "source": "police_crimes"},
        {**without(INDICATOR, "why"), "id": "three"},
        {**RATE, "id": "four", "denominator": "population.everyone", "plausible": [9, 1]},
    )
    house.theme(INDICATOR, INDICATOR, head=THEME.replace("safer", "greener"), name="greener")
    house.place(PLACE.replace("label", "labell", 1))
    faults = house.faults(themes=("saver",))
    for told in (
        "themes/safer.toml, indicator 'one': unknown key 'polarty'",
        "themes/safer.toml, indicator 'two': source: 'police_crimes' is not a source",
        "themes/safer.toml, indicator 'three': key 'why' is missing",
        "themes/safer.toml, indicator 'four': denominator: 'everyone' is not a measure",
        "themes/safer.toml, indicator 'four': plausible",
        f"indicator '{INDICATOR['id']}' stands twice",
        "smallshire/place.toml: ",
        "--themes: 'saver' is not a theme",
    ):
        assert sum(told in fault for fault in faults) >= 1, told
    assert len(faults) == len(set(faults))


def test_one_mistake_in_a_source_is_not_told_as_a_fault_of_every_indicator(house):
    path = house.sources / "police_crime.toml"
    path.write_text(path.read_text("utf-8").replace("licence =", "license ="), encoding="utf-8")
    faults = house.faults()
    assert any("unknown key 'license'. Did you mean 'licence'?" in fault for fault in faults)
    assert all("sources/police_crime.toml" in fault for fault in faults)


def test_one_mistake_in_a_theme_is_not_told_as_a_fault_of_every_other_theme(house):
    house.theme(head=THEME.replace("label", "lable"))
    entry = toml(INDICATOR) + 'themes = ["safer"]\n'
    house.theme(head=THEME.replace("safer", "greener") + entry, name="greener")
    faults = house.faults()
    assert any("unknown key 'lable'. Did you mean 'label'?" in fault for fault in faults)
    assert all(fault.startswith("themes/safer.toml") for fault in faults)


@pytest.mark.parametrize("folder", ["themes/safer.toml", "sources/police_crime.toml"])
@pytest.mark.parametrize(
    "content", [b'[theme]\nid = "safer\n', b'[theme]\nid = "\xff"\n', b"a = 1\na = 2\n"]
)
def test_bad_toml_is_one_fault_with_its_line(house, tmp_path, folder, content):
    (tmp_path / folder).write_bytes(content)
    (fault,) = house.faults()
    assert fault.startswith(f"{folder}: it is not valid TOML")
    assert "line" in fault or "utf-8" in fault


# Places ----------------------------------------------------------------------------------------


def test_an_unknown_place_is_said_with_the_nearest(house):
    (fault,) = house.faults("smalshire")
    assert "no place 'smalshire'" in fault
    assert "Did you mean 'smallshire'? Known: smallshire." in fault


def test_a_place_without_the_whole_place_is_told_what_to_add(house):
    house.place(PLACE.replace('id = "place"', 'id = "county"'))
    (fault,) = house.faults()
    assert fault.startswith("smallshire/place.toml: no [[area_kind]] with id")
    assert 'rule = { group_by = "place" }' in fault


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('rule = { group_by = "place" }', "it has 2 definitions (polygons, rule)"),
        ('membership = { file = "towns.csv" }', "it has 2 definitions (membership, polygons)"),
    ],
)
def test_a_kind_with_two_definitions_is_said(house, line, told):
    house.place(PLACE.replace("polygons =", f"{line}\npolygons ="))
    (fault,) = house.faults()
    assert "smallshire/place.toml, area_kind 'town': " in fault and told in fault


def test_a_kind_without_a_definition_is_said(house):
    house.place(
        PLACE.replace('polygons = { file = "towns.gpkg", code = "code", name = "name" }', "")
    )
    (fault,) = house.faults()
    assert "area_kind 'town': it has 0 definitions (none)" in fault


def test_a_kind_that_stands_twice_is_said(house):
    house.place(PLACE.replace('id = "town"', 'id = "place"'))
    assert any("area_kind 'place' stands twice" in fault for fault in house.faults())


PLACE_KEYS = [
    ("name = ", "nmae = ", "Did you mean 'name'?"),
    ("police_forces", "police_force", "Did you mean 'police_forces'?"),
    ('file = "towns.gpkg"', 'fil = "towns.gpkg"', "Did you mean 'file'?"),
    ("group_by", "groupby", "Did you mean 'group_by'?"),
    ('group_by = "place"', 'group_by = "places"', "Did you mean 'place'?"),
    ("{ code =", "{ cod =", "Did you mean 'code'?"),
]


@pytest.mark.parametrize(("right", "wrong", "told"), PLACE_KEYS)
def test_an_unknown_key_of_a_place_is_said_with_the_nearest(house, right, wrong, told):
    house.place(PLACE.replace(right, wrong, 1))
    faults = house.faults()
    assert any(told in fault for fault in faults)
    assert all(fault.startswith("smallshire/place.toml") for fault in faults)


@pytest.mark.parametrize("wrong", ["area_kinds", "area_kin"])
def test_a_misspelt_area_kind_is_said_and_never_takes_the_place_of_the_others(house, wrong):
    head, kind = PLACE.rsplit("[[area_kind]]", 1)
    house.place(f"{head}[[{wrong}]]{kind}")
    assert any(f"'{wrong}'" in fault or f"[{wrong}]" in fault for fault in house.faults())


@pytest.mark.parametrize("wrong", ["measures", "tables"])
def test_a_misspelt_measure_is_said_and_never_takes_the_place_of_the_others(house, wrong):
    path = house.sources / "police_crime.toml"
    head, entry = path.read_text("utf-8").rsplit(f"[[{wrong[:-1]}]]", 1)
    path.write_text(f"{head}[[{wrong}]]{entry}", encoding="utf-8")
    assert any(f"'{wrong}'" in fault or f"[{wrong}]" in fault for fault in house.faults())


def test_two_brackets_for_one_are_no_traceback(house):
    house.place(PLACE.replace("[place]", "[[place]]"))
    assert any("smallshire/place.toml" in fault for fault in house.faults())
    house.place(PLACE)
    path = house.sources / "police_crime.toml"
    path.write_text(path.read_text("utf-8").replace("[source]", "[[source]]"), encoding="utf-8")
    assert any("sources/police_crime.toml" in fault for fault in house.faults())


# The shipped catalogue -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def book():
    return catalogue.read("exampleshire")


def test_every_shipped_place_is_read():
    places = sorted(p.parent.name for p in PLACES.glob("*/place.toml"))
    assert {"exampleshire", "leicestershire"} <= set(places)
    for place in places:
        assert catalogue.read(place).place.id == place


def test_the_seven_theme_partnerships_have_two_indicators_or_more_each(book):
    assert {t.id for t in book.themes} == {
        "children_young_people",
        "cleaner_greener",
        "economic_development",
        "healthier_communities",
        "older_people",
        "safer_communities",
        "stronger_communities",
    }
    own = [i.themes[0] for i in book.indicators]
    assert all(own.count(t.id) >= 2 for t in book.themes)
    assert len(book.indicators) >= 24
    assert [path.stem for path in sorted(THEMES.glob("*.toml"))] == [t.id for t in book.themes]


SHIPPED = catalogue.read("exampleshire").indicators


@pytest.mark.parametrize("indicator", SHIPPED, ids=lambda i: i.id)
def test_every_field_of_a_shipped_indicator_is_filled(indicator):
    for field in ("label", "unit", "owner", "why", "tier", "polarity"):
        assert getattr(indicator, field).strip() == getattr(indicator, field) != ""
    lowest, highest = indicator.plausible
    assert lowest < highest
    if indicator.method == "proportion":
        assert indicator.unit.startswith("%") and lowest >= 0 and highest <= 100
    if indicator.method == "rate":
        assert f"{indicator.per:,}" in indicator.unit
    assert re.search(r"[a-z]", indicator.owner) and "@" not in indicator.owner


def test_no_two_shipped_indicators_have_the_same_label(book):
    labels = [i.label for i in book.indicators]
    assert sorted(labels) == sorted(set(labels))


def test_crime_health_and_housing_are_all_there(book):
    assert {s.id for s in book.sources} >= {i.source for i in book.indicators}
    assert {"police_crime", "fingertips", "price_paid", "fuel_poverty", "census_2021"} <= {
        i.source for i in book.indicators
    }


@pytest.mark.parametrize("source", catalogue.read("exampleshire").sources, ids=lambda s: s.id)
def test_every_source_says_whose_it_is_and_what_to_beware_of(source):
    assert source.licence == "OGL-UK-3.0"
    assert source.page.startswith("https://")
    assert len(source.attribution) > 20 and len(source.caveat) > 20
    for measure in source.measures:
        for pattern in measure.columns:
            re.compile(pattern)
        assert measure.times is None or measure.times in {m.id for m in source.measures}


def test_a_connector_and_its_description_have_one_name(book):
    from flows.sources import SOURCES as modules

    assert set(modules) == {s.id for s in book.sources}


def test_every_area_kind_that_a_shipped_indicator_is_kept_to_is_a_kind_of_the_place(book):
    kinds = {"any", *(k.id for k in book.place.area_kinds)}
    for indicator in book.indicators:
        assert set(indicator.area_kinds) <= kinds


# An indicator is an entry, not a class ---------------------------------------------------------


def test_adding_an_indicator_is_one_entry_in_one_file(tmp_path, book):
    """No Python, no SQL: a new indicator from a source we have is in the book once typed."""
    themes = shutil.copytree(THEMES, tmp_path / "themes")
    path = themes / "safer_communities.toml"
    entry = toml(
        {**RATE, "id": "bicycle_theft_rate_12_months", "label": "Bicycle theft, 12 months"}
    )
    path.write_text(path.read_text("utf-8") + entry, encoding="utf-8")
    grown = catalogue.read("exampleshire", themes_folder=themes)
    (new,) = set(grown.indicators) - set(book.indicators)
    assert (new.id, new.source, new.measure) == (
        "bicycle_theft_rate_12_months",
        "police_crime",
        "bicycle_theft",
    )
    assert new.themes == ("safer_communities",)
    assert len(grown.indicators) == len(book.indicators) + 1
    assert grown.version != book.version
