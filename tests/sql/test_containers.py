"""Which small areas an area takes whole, which area it lies in, and what it is set against."""

import pytest


class TestBricks:
    def test_small_areas_are_those_of_the_list_or_by_their_centroid(self, warehouse):
        """What another rule would share out makes no difference."""
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code | assignment | weight
            forum     | F1        | L1              | declared   | 1
            forum     | F1        | L2              | declared   | 1
            forum     | F1        | L3              | area_share | 0.25
            """,
        )
        warehouse.expect(
            "core.bricks",
            """
            area_kind | edition | area_code | small_area_code | assignment
            forum     | ''      | F1        | L1              | declared
            forum     | ''      | F1        | L2              | declared
            """,
        )

    def test_a_list_that_splits_small_areas_takes_those_where_most_of_its_people_are(
        self, warehouse
    ):
        """T2 is the lesser part of L2, its only one: no small area is whole in it."""
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code | assignment | weight
            town      | T1        | L1              | declared   | 1
            town      | T1        | L2              | declared   | 0.75
            town      | T2        | L2              | declared   | 0.25
            town      | T1        | L1              | best_fit   | 1
            town      | T1        | L2              | best_fit   | 1
            """,
        )
        warehouse.expect(
            "core.bricks",
            """
            area_code | small_area_code | assignment
            T1        | L1              | best_fit
            T1        | L2              | best_fit
            """,
        )

    def test_of_a_kind_that_shares_small_areas_out_none_is_whole(self, warehouse):
        """Its crimes are those inside its edge, and belong to no small areas. In 2013 a list came."""
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | edition | area_code | small_area_code | assignment | weight
            hill      | 2008    | N1        | L1              | declared   | 1
            hill      | 2008    | N1        | L2              | declared   | 0.4
            hill      | 2008    | N1        | L1              | centroid   | 1
            hill      | 2013    | N1        | L1              | declared   | 1
            """,
        )
        warehouse.expect("core.bricks", "edition | small_area_code\n2013 | L1")


class TestParents:
    @pytest.fixture(autouse=True)
    def kinds(self, warehouse):
        warehouse.given(
            "catalogue.area_kinds",
            "area_kind | position\nhill | 0\nforum | 1\nward | 2\ndistrict | 3\nplace | 4",
        )

    def given(self, warehouse, text):
        """Rows of: area_kind | area_code | its small areas, with blanks between."""
        rows = [[cell.strip() for cell in row.split("|")] for row in text.strip().splitlines()]
        areas = "".join(f"{kind} | {code}\n" for kind, code, _ in rows)
        bricks = "".join(f"{k} | {c} | {b}\n" for k, c, members in rows for b in members.split())
        warehouse.given("geo.areas", f"area_kind | area_code\n{areas}")
        warehouse.given("core.bricks", f"area_kind | area_code | small_area_code\n{bricks}")

    def test_it_is_the_smallest_area_that_has_all_of_it_and_more(self, warehouse):
        self.given(
            warehouse,
            """
            hill     | N1 | L1
            forum    | F1 | L1 L2
            forum    | F2 | L3 L4 L5
            district | D1 | L1 L2 L3 L4 L5
            place    | P  | L1 L2 L3 L4 L5 L6
            """,
        )
        warehouse.expect(
            "core.parents",
            """
            area_kind | edition | area_code | parent_kind | parent_edition | parent_code
            hill      | ''      | N1        | forum       | ''             | F1
            forum     | ''      | F1        | district    | ''             | D1
            forum     | ''      | F2        | district    | ''             | D1
            district  | ''      | D1        | place       | ''             | P
            """,
        )

    def test_what_lies_across_an_edge_lies_in_neither(self, warehouse):
        self.given(
            warehouse,
            """
            hill  | N1 | L1 L3
            forum | F1 | L1 L2
            forum | F2 | L3 L4
            """,
        )
        warehouse.expect("core.parents", "area_code | parent_code")

    def test_an_area_of_its_own_kind_or_its_own_size_is_no_parent(self, warehouse):
        """The hills N1 and N2 overlap; the ward W1 is the forum F1 under another name."""
        self.given(
            warehouse,
            """
            hill  | N1 | L1
            hill  | N2 | L1 L2
            forum | F1 | L1 L2
            ward  | W1 | L1 L2
            """,
        )
        warehouse.expect("core.parents", "area_code | parent_code\nN1 | F1")

    def test_of_two_as_small_the_kind_that_the_place_names_first(self, warehouse):
        self.given(
            warehouse,
            """
            hill  | N1 | L1
            ward  | A1 | L1 L3
            forum | F1 | L1 L2
            """,
        )
        warehouse.expect("core.parents", "parent_kind | parent_code\nforum | F1")

    def test_only_editions_that_were_in_force_together_contain_each_other(self, warehouse):
        """The forum was smaller until 2013, but the hill was not drawn yet."""
        warehouse.given(
            "geo.areas",
            """
            area_kind | edition | area_code | in_force_from | in_force_to
            forum     | 2008    | F1        | 2008-04-01    | 2013-03-31
            forum     | 2013    | F1        | 2013-04-01    | 9999-12-31
            hill      | 2013    | N1        | 2013-04-01    | 9999-12-31
            hill      | 2008    | N1        | 2008-04-01    | 2013-03-31
            """,
        )
        warehouse.given(
            "core.bricks",
            """
            area_kind | edition | area_code | small_area_code
            hill      | 2008    | N1        | L3
            hill      | 2013    | N1        | L1
            forum     | 2008    | F1        | L1
            forum     | 2008    | F1        | L2
            forum     | 2013    | F1        | L1
            forum     | 2013    | F1        | L2
            forum     | 2013    | F1        | L3
            """,
        )
        warehouse.expect(
            "core.parents",
            """
            area_kind | edition | area_code | parent_kind | parent_edition | parent_code
            hill      | 2013    | N1        | forum       | 2013           | F1
            """,
        )


class TestComparators:
    @pytest.fixture(autouse=True)
    def hill_in_a_forum(self, warehouse):
        warehouse.given(
            "geo.areas",
            """
            area_kind | area_code | area_name
            place     | P         | Exampleshire
            forum     | F1        | First
            hill      | N1        | Hill
            """,
        )
        warehouse.given(
            "core.parents",
            """
            area_kind | area_code | parent_kind | parent_code
            hill      | N1        | forum       | F1
            forum     | F1        | place       | P
            """,
        )

    def test_a_cell_stands_beside_its_parent_and_england_in_the_same_period(self, warehouse):
        """The whole place is no parent: it is the comparator already. F1 has no figure of 2025."""
        warehouse.given(
            "evidence.cells",
            """
            indicator_id | area_kind | area_code | period | value | gap
            renters      | place     | P         | 2026   | 25    | -
            renters      | forum     | F1        | 2026   | 40    | -
            renters      | forum     | F1        | 2025   | -     | withheld
            renters      | hill      | N1        | 2026   | 60    | -
            renters      | hill      | N1        | 2025   | 55    | -
            renters      | hill      | N1        | 2024   | 50    | -
            """,
        )
        warehouse.given(
            "evidence.england",
            """
            indicator_id | period | value
            renters      | 2026   | 36
            renters      | 2025   | 35
            owners       | 2024   | 64
            """,
        )
        warehouse.expect(
            "evidence.comparators",
            """
            area_kind | edition | area_code | period | parent | parent_value | england_value
            place     | ''      | P         | 2026   | -      | -            | 36
            forum     | ''      | F1        | 2026   | -      | -            | 36
            forum     | ''      | F1        | 2025   | -      | -            | 35
            hill      | ''      | N1        | 2026   | First  | 40           | 36
            hill      | ''      | N1        | 2025   | -      | -            | 35
            hill      | ''      | N1        | 2024   | -      | -            | -
            """,
        )

    def test_the_parent_is_the_edition_that_it_lies_in(self, warehouse):
        warehouse.given(
            "geo.areas", "area_kind | edition | area_code | area_name\nward|2008|W1|Old"
        )
        warehouse.given(
            "core.parents",
            """
            area_kind | edition | area_code | parent_kind | parent_edition | parent_code
            ward      | 2008    | W1        | forum       | ''             | F1
            """,
        )
        warehouse.given(
            "evidence.cells",
            """
            indicator_id | area_kind | edition | area_code | period | value
            renters      | forum     | ''      | F1        | 2026   | 40
            renters      | forum     | 2013    | F1        | 2026   | 99
            renters      | ward      | 2008    | W1        | 2026   | 60
            renters      | ward      | 2013    | W1        | 2026   | 61
            """,
        )
        warehouse.expect(
            "evidence.comparators",
            "edition | parent | parent_value\n2008 | First | 40\n2013 | - | -",
            only="area_kind = 'ward'",
        )

    def test_where_there_is_no_cell_of_a_period_there_is_nothing_beside_it(self, warehouse):
        warehouse.given(
            "evidence.cells",
            """
            indicator_id | area_kind | area_code | period | value
            renters      | forum     | F1        | -      | -
            renters      | hill      | N1        | -      | -
            """,
        )
        warehouse.expect(
            "evidence.comparators",
            "area_code | period | parent | england_value\nF1 | - | - | -\nN1 | - | - | -",
        )
