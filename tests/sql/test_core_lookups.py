"""Which column is which measure, which small areas became which, and which set a file is on."""

import pytest


class TestMeasureColumns:
    def test_a_sub_total_is_taken_and_its_parts_are_left(self, warehouse):
        warehouse.given_measures("census_2021")
        warehouse.given(
            "stage.census_2021",
            """
            file      | publisher_column
            ts054.csv | Tenure of household: Total: All households; measures: Value
            ts054.csv | Tenure of household: Social rented; measures: Value
            ts054.csv | Tenure of household: Social rented: Rents from council or Local Authority; measures: Value
            ts054.csv | Tenure of household: Social rented: Other social rented; measures: Value
            """,
        )
        warehouse.expect(
            "core.measure_columns",
            """
            source      | file      | measure             | publisher_column
            census_2021 | ts054.csv | ts054_households    | Tenure of household: Total: All households; measures: Value
            census_2021 | ts054.csv | ts054_social_rented | Tenure of household: Social rented; measures: Value
            """,
        )

    def test_without_a_sub_total_its_parts_are_taken(self, warehouse):
        warehouse.given_measures("census_2021")
        warehouse.given(
            "stage.census_2021",
            """
            file      | publisher_column
            ts054.csv | Tenure of household: Social rented: Rents from council or Local Authority; measures: Value
            ts054.csv | Tenure of household: Social rented: Other social rented; measures: Value
            """,
        )
        warehouse.expect(
            "core.measure_columns",
            """
            measure             | publisher_column
            ts054_social_rented | Tenure of household: Social rented: Rents from council or Local Authority; measures: Value
            ts054_social_rented | Tenure of household: Social rented: Other social rented; measures: Value
            """,
        )

    def test_each_file_has_its_own_first_pattern(self, warehouse):
        warehouse.given_measures("population")
        warehouse.given(
            "stage.population",
            """
            file     | publisher_column
            nomis    | Aged 85+
            mid-2020 | 84
            mid-2020 | 85
            mid-2020 | 90+
            """,
        )
        warehouse.expect(
            "core.measure_columns",
            """
            file     | publisher_column | measure
            nomis    | Aged 85+         | aged_85_and_over
            mid-2020 | 84               | aged_65_and_over
            mid-2020 | 85               | aged_65_and_over
            mid-2020 | 90+              | aged_65_and_over
            mid-2020 | 85               | aged_85_and_over
            mid-2020 | 90+              | aged_85_and_over
            """,
        )

    def test_the_ages_of_the_two_layouts_are_told_apart(self, warehouse):
        warehouse.given_measures("population")
        warehouse.given(
            "stage.population",
            """
            file     | publisher_column
            nomis    | All Ages
            nomis    | Aged 0 to 15
            nomis    | Aged 16 to 64
            nomis    | Aged 65+
            mid-2020 | total_population
            mid-2020 | 9
            mid-2020 | 15
            mid-2020 | 16
            mid-2020 | 64
            mid-2020 | 65
            """,
        )
        warehouse.expect(
            "core.measure_columns",
            """
            file     | publisher_column | measure
            nomis    | All Ages         | all_ages
            nomis    | Aged 0 to 15     | aged_0_to_15
            nomis    | Aged 16 to 64    | aged_16_to_64
            nomis    | Aged 65+         | aged_65_and_over
            mid-2020 | total_population | all_ages
            mid-2020 | 9                | aged_0_to_15
            mid-2020 | 15               | aged_0_to_15
            mid-2020 | 16               | aged_16_to_64
            mid-2020 | 64               | aged_16_to_64
            mid-2020 | 65               | aged_65_and_over
            """,
        )

    def test_all_crime_leaves_out_anti_social_behaviour(self, warehouse):
        warehouse.given_measures("police_crime")
        warehouse.given(
            "stage.police_crime", "crime_type\nBurglary\nBurglary\nAnti-social behaviour"
        )
        warehouse.expect(
            "core.measure_columns",
            """
            source       | file | publisher_column      | measure
            police_crime | ''   | Burglary              | all_crime
            police_crime | ''   | Burglary              | all_incidents
            police_crime | ''   | Burglary              | burglary
            police_crime | ''   | Anti-social behaviour | all_incidents
            police_crime | ''   | Anti-social behaviour | anti_social_behaviour
            """,
        )

    def test_a_pattern_is_of_the_whole_header(self, warehouse):
        warehouse.given_measures("fuel_poverty")
        warehouse.given(
            "stage.fuel_poverty",
            """
            publisher_column
            Number of households
            Number of households in fuel poverty
            Proportion of households fuel poor (%)
            """,
        )
        warehouse.expect(
            "core.measure_columns",
            """
            publisher_column                     | measure
            Number of households                 | households
            Number of households in fuel poverty | fuel_poor_households
            """,
        )


# A lookup of five kinds of change: kept, split in two, merged from two, and irregular.
LOOKUP = """
    file   | row_number | small_area_code | publisher_column | publisher_text
    {file} | 1          | K1              | LSOA11CD         | K1
    {file} | 1          | K1              | CHGIND           | U
    {file} | 2          | S1              | LSOA11CD         | OLD_S
    {file} | 2          | S1              | CHGIND           | S
    {file} | 3          | S2              | LSOA11CD         | OLD_S
    {file} | 3          | S2              | CHGIND           | S
    {file} | 4          | M1              | LSOA11CD         | OLD_M1
    {file} | 4          | M1              | CHGIND           | M
    {file} | 5          | M1              | LSOA11CD         | OLD_M2
    {file} | 5          | M1              | CHGIND           | M
    {file} | 6          | X1              | LSOA11CD         | OLD_X
    {file} | 6          | X1              | CHGIND           | X
    """
CENSUS = """
    file      | small_area_code | publisher_column | publisher_value
    ts038.csv | S1              | Disability: Total: All usual residents; measures: Value | 600
    ts038.csv | S2              | Disability: Total: All usual residents; measures: Value | 1000
    ts054.csv | S1              | Tenure of household: Total: All households; measures: Value | 300
    ts054.csv | S2              | Tenure of household: Total: All households; measures: Value | 300
    """
CHANGES = """
    code_2011 | code_2021 | change | share_people | share_households
    K1        | K1        | U      | 1            | 1
    OLD_S     | S1        | S      | 0.375        | 0.5
    OLD_S     | S2        | S      | 0.625        | 0.5
    OLD_M1    | M1        | M      | 1            | 1
    OLD_M2    | M1        | M      | 1            | 1
    OLD_X     | X1        | X      | -            | -
    """


class TestSmallAreaChanges:
    @pytest.fixture(autouse=True)
    def measures(self, warehouse):
        warehouse.given_measures("ons_geography")
        warehouse.given_measures("census_2021")

    def test_a_split_is_shared_by_the_census_people_and_households_of_its_parts(self, warehouse):
        warehouse.given("stage.ons_geography", LOOKUP.format(file="exact.csv"))
        warehouse.given("stage.census_2021", CENSUS)
        warehouse.build("core.measure_columns")
        warehouse.expect("core.small_area_changes", CHANGES)

    def test_two_editions_of_the_lookup_say_it_once(self, warehouse):
        warehouse.given("stage.ons_geography", LOOKUP.format(file="LSOA11_LSOA21_v4.csv"))
        later = LOOKUP.format(file="LSOA11_LSOA21_v5.csv").replace("| 1 ", "| 9 ")
        warehouse.given("stage.ons_geography", later)
        warehouse.given("stage.census_2021", CENSUS)
        warehouse.build("core.measure_columns")
        warehouse.expect("core.small_area_changes", CHANGES)

    def test_a_part_without_a_census_figure_leaves_its_siblings_without_a_share(self, warehouse):
        warehouse.given("stage.ons_geography", LOOKUP.format(file="exact.csv"))
        s1_only = "\n".join(line for line in CENSUS.splitlines() if " S2 " not in line)
        warehouse.given("stage.census_2021", s1_only)
        warehouse.build("core.measure_columns")
        warehouse.expect(
            "core.small_area_changes",
            """
            code_2021 | share_people | share_households
            S1        | -            | -
            S2        | -            | -
            """,
            only="change = 'S'",
        )

    def test_parts_where_nobody_lives_have_no_share_and_stop_nothing(self, warehouse):
        warehouse.given("stage.ons_geography", LOOKUP.format(file="exact.csv"))
        nobody = CENSUS.replace("600", "0").replace("1000", "0").replace("300", "0")
        warehouse.given("stage.census_2021", nobody)
        warehouse.build("core.measure_columns")
        warehouse.expect(
            "core.small_area_changes",
            """
            code_2021 | share_people | share_households
            S1        | -            | -
            S2        | -            | -
            """,
            only="change = 'S'",
        )

    def test_other_lookups_say_nothing_of_2011(self, warehouse):
        warehouse.given(
            "stage.ons_geography",
            """
            file   | row_number | small_area_code | publisher_column | publisher_text
            wd.csv | 1          | K1              | LAD24CD          | X07000001
            """,
        )
        warehouse.build("core.measure_columns")
        warehouse.expect("core.small_area_changes", "code_2011 | code_2021 | change")


class TestSmallAreas:
    @pytest.fixture(autouse=True)
    def measures(self, warehouse):
        warehouse.given_measures("ons_geography")
        warehouse.given_measures("indices_of_deprivation")

    def test_what_the_lookups_know_is_put_side_by_side(self, warehouse):
        warehouse.given(
            "catalogue.authorities", "authority_code | authority_name\nX07000001 | Northmarch"
        )
        warehouse.given(
            "stage.ons_geography",
            """
            file   | small_area_code | publisher_column | publisher_text
            wd.csv | X01000001       | LSOA21NM         | Northmarch 001A
            wd.csv | X01000001       | LAD24CD          | X07000001
            ru.csv | X01000001       | RUC21CD          | UN1
            ru.csv | X01000001       | Urban_rural_flag | Urban
            pw.csv | X01000001       | x                | 566289.6669
            pw.csv | X01000001       | y                | 466431.5195
            wd.csv | X01000002       | LSOA21NM         | Elsewhere 001A
            wd.csv | X01000002       | LAD24CD          | X07000009
            pw.csv | X01000003       | x                | unknown
            """,
        )
        warehouse.build("core.measure_columns")
        warehouse.expect(
            "core.small_areas",
            """
            small_area_code | small_area_name | authority_code | authority_name | rural_or_urban | rural_urban_class | centroid_easting | centroid_northing | in_place
            X01000001       | Northmarch 001A | X07000001      | Northmarch     | Urban          | UN1               | 566289.6669      | 466431.5195       | true
            X01000002       | Elsewhere 001A  | X07000009      | -              | -              | -                 | -                | -                 | false
            X01000003       | -               | -              | -              | -              | -                 | -                | -                 | false
            """,
        )

    def test_the_year_of_a_ward_is_in_the_name_of_its_column(self, warehouse):
        """A lookup of wards of 2024, another of 2021, and one of authorities of 2023."""
        warehouse.given(
            "stage.ons_geography",
            """
            file   | small_area_code | publisher_column | publisher_text
            wd.csv | X01000001       | WD24CD           | X05000007
            la.csv | X01000001       | LAD23CD          | X07000001
            ox.csv | X01000002       | ward21_code      | X05000008
            la.csv | X01000003       | LAD23CD          | X07000001
            """,
        )
        warehouse.build("core.measure_columns")
        warehouse.expect(
            "core.small_areas",
            """
            small_area_code | ward_code | ward_year | authority_code
            X01000001       | X05000007 | 24        | X07000001
            X01000002       | X05000008 | 21        | -
            X01000003       | -         | -         | X07000001
            """,
        )

    def test_of_two_lookups_of_wards_the_newer_one_is_taken_code_and_year(self, warehouse):
        warehouse.given(
            "stage.ons_geography",
            """
            file | small_area_code | publisher_column | publisher_text
            old  | X01000001       | WD24CD           | X05000007
            new  | X01000001       | WD25CD           | X05000003
            old  | X01000002       | WD24CD           | X05000003
            new  | X01000002       | WD25CD           | X05000007
            """,
        )
        warehouse.build("core.measure_columns")
        warehouse.expect(
            "core.small_areas",
            """
            small_area_code | ward_code | ward_year
            X01000001       | X05000003 | 25
            X01000002       | X05000007 | 25
            """,
        )

    def test_the_decile_of_deprivation_is_beside_them(self, warehouse):
        warehouse.given(
            "stage.ons_geography",
            """
            file   | small_area_code | publisher_column | publisher_text
            wd.csv | X01000001       | LSOA21NM         | Northmarch 001A
            wd.csv | X01000002       | LSOA21NM         | Northmarch 001B
            """,
        )
        warehouse.given(
            "stage.indices_of_deprivation",
            """
            file | small_area_code | publisher_column                                                            | publisher_value
            f7   | X01000001       | Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs) | 10
            f7   | X01000001       | Index of Multiple Deprivation (IMD) Score                                   | 3.25
            f7   | X01000009       | Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs) | 1
            """,
        )
        warehouse.build("core.measure_columns")
        warehouse.expect(
            "core.small_areas",
            """
            small_area_code | imd_decile
            X01000001       | 10
            X01000002       | -
            """,
        )

    def test_a_locality_may_reach_into_authorities_beyond_the_place(self, warehouse):
        warehouse.given(
            "catalogue.authorities",
            """
            authority_code | authority_name | in_place
            X07000001      | Northmarch     | true
            X07000002      | Overthere      | false
            """,
        )
        warehouse.given(
            "stage.ons_geography",
            """
            file   | small_area_code | publisher_column | publisher_text
            la.csv | X01000001       | LAD24CD          | X07000001
            la.csv | X01000002       | LAD24CD          | X07000002
            la.csv | X01000003       | LAD24CD          | X07000003
            pw.csv | X01000004       | x                | 566289
            """,
        )
        warehouse.build("core.measure_columns")
        warehouse.expect(
            "core.small_areas",
            """
            small_area_code | authority_name | in_place | in_reach
            X01000001       | Northmarch     | true     | true
            X01000002       | Overthere      | false    | true
            X01000003       | -              | false    | false
            X01000004       | -              | false    | false
            """,
        )


class TestFileVintages:
    @pytest.fixture(autouse=True)
    def small_areas(self, warehouse):
        warehouse.given(
            "core.small_area_changes",
            """
            code_2011 | code_2021 | change
            K1        | K1        | U
            OLD_S     | S1        | S
            OLD_S     | S2        | S
            """,
        )

    def test_codes_of_one_set_only_tell_which_it_is(self, warehouse):
        warehouse.given(
            "stage.fuel_poverty",
            """
            file     | small_area_code
            2020.xls | K1
            2020.xls | OLD_S
            2022.xls | K1
            2022.xls | S1
            2022.xls | S2
            2023.xls | K1
            """,
        )
        warehouse.expect(
            "core.file_vintages",
            """
            source       | file     | codes | only_2011 | only_2021 | unknown | an_unknown_code | vintage | is_mixed
            fuel_poverty | 2020.xls | 2     | 1         | 0         | 0       | -               | 2011    | false
            fuel_poverty | 2022.xls | 3     | 0         | 2         | 0       | -               | 2021    | false
            fuel_poverty | 2023.xls | 1     | 0         | 0         | 0       | -               | 2021    | false
            """,
        )

    def test_a_file_of_both_sets_and_a_code_of_neither_are_shown(self, warehouse):
        warehouse.given(
            "stage.population",
            """
            file | small_area_code
            both | OLD_S
            both | S1
            odd  | K1
            odd  | Z9
            odd  | Z8
            """,
        )
        warehouse.expect(
            "core.file_vintages",
            """
            file | codes | only_2011 | only_2021 | unknown | an_unknown_code | is_mixed
            both | 2     | 1         | 1         | 0       | -               | true
            odd  | 3     | 0         | 0         | 2       | Z8              | false
            """,
        )


class TestPartitionWeights:
    @pytest.fixture(autouse=True)
    def small_areas(self, warehouse):
        warehouse.given(
            "core.small_areas",
            """
            small_area_code | in_place | in_reach
            L1              | true     | true
            L2              | true     | true
            L8              | false    | true
            L9              | false    | false
            """,
        )

    def test_in_a_partition_every_small_area_has_its_weights_added_up(self, warehouse):
        warehouse.given(
            "catalogue.area_kinds",
            """
            area_kind | is_partition | is_built
            place     | false        | true
            forum     | true         | true
            priority  | false        | true
            ward      | true         | false
            """,
        )
        warehouse.given(
            "geo.areas",
            """
            area_kind | area_code
            place     | P
            forum     | F1
            forum     | F2
            priority  | N1
            ward      | W1
            """,
        )
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code | weight
            place     | P         | L1              | 1
            place     | P         | L2              | 1
            forum     | F1        | L1              | 0.25
            forum     | F2        | L1              | 0.75
            forum     | F2        | L8              | 1
            priority  | N1        | L1              | 1
            """,
        )
        warehouse.expect(
            "core.partition_weights",
            """
            area_kind | edition | small_area_code | weight_sum
            place     | ''      | L1              | 1
            place     | ''      | L2              | 1
            forum     | ''      | L1              | 1
            forum     | ''      | L2              | 0
            """,
        )

    def test_each_edition_adds_up_for_itself_and_only_the_declared_rule_counts(self, warehouse):
        """Of 2008, L2 is in two forums; of 2013, L1 is in none."""
        warehouse.given("catalogue.area_kinds", "area_kind | is_partition\nforum | true")
        warehouse.given(
            "geo.areas",
            """
            area_kind | edition | area_code
            forum     | 2008    | F1
            forum     | 2008    | F2
            forum     | 2013    | F1
            """,
        )
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | edition | area_code | small_area_code | assignment
            forum     | 2008    | F1        | L1              | declared
            forum     | 2008    | F1        | L2              | declared
            forum     | 2008    | F2        | L2              | declared
            forum     | 2013    | F1        | L2              | declared
            forum     | 2013    | F1        | L1              | area_share
            forum     | 2013    | F1        | L2              | area_share
            """,
        )
        warehouse.expect(
            "core.partition_weights",
            """
            area_kind | edition | small_area_code | weight_sum
            forum     | 2008    | L1              | 1
            forum     | 2008    | L2              | 2
            forum     | 2013    | L1              | 0
            forum     | 2013    | L2              | 1
            """,
        )


def test_a_sum_of_which_a_column_lacks_is_no_sum(warehouse):
    """A file with the ages from 85 on has no figure for 65 and over."""
    warehouse.given_measures("population", parts=True)
    rows = "\n".join(f"nomis | Age {age} | 1" for age in (85, 86, 87, 88, 89))
    warehouse.given(
        "stage.population",
        f"file | publisher_column | publisher_value\n{rows}\nnomis | Aged 90+ | 1",
    )
    made = "\n".join(f"Age {age} | aged_85_and_over" for age in (85, 86, 87, 88, 89))
    warehouse.expect(
        "core.measure_columns",
        f"publisher_column | measure\n{made}\nAged 90+ | aged_85_and_over",
    )
