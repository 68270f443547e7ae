"""What the codes and identifiers of all tables refer to."""


def test_a_locality_stands_once_by_its_newest_name(warehouse):
    warehouse.given(
        "catalogue.area_kinds",
        "area_kind | label | position\ntown | Towns | 1\nforum | Forums | 0",
    )
    warehouse.given(
        "geo.areas",
        """
        area_kind | edition | area_code | area_name | in_force_from
        town      | ''      | T1        | =Town     | 0001-01-01
        forum     | 2008    | F1        | First     | 2008-04-01
        forum     | 2013    | F1        | Renamed   | 2013-04-01
        """,
    )
    warehouse.expect(
        "evidence.localities",
        """
        area_kind | kind   | area_code | area_name
        forum     | Forums | F1        | Renamed
        town      | Towns  | T1        | '=Town
        """,
    )


def test_an_indicator_names_its_sources(warehouse):
    warehouse.given("catalogue.sources", "source | label\npolice | Street-level crime")
    warehouse.given(
        "catalogue.indicators",
        """
        position | indicator_id | label | themes     | unit      | source | denominator_source
        0        | crimes       | All   | [safer]    | crimes    | police | police
        1        | rate         | Rate  | [safer, x] | per 1,000 | police | population
        """,
    )
    warehouse.expect(
        "evidence.indicators",
        """
        indicator_id | indicator | theme    | unit      | source_label       | denominator_source | modelled
        crimes       | All       | safer    | crimes    | Street-level crime | -                  | false
        rate         | Rate      | safer; x | per 1,000 | Street-level crime | population         | false
        """,
    )
