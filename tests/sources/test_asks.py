"""The ask-once ledger: who gave what, where it was used, and what need not be asked."""

import json
from datetime import date

import pytest

from flows import catalogue
from flows.returns import asked, covering, ledger
from flows.returns.description import Description
from flows.returns.sharing import Kept
from flows.snapshots import Snapshot

TODAY = date(2026, 2, 1)


@pytest.fixture(scope="module")
def book():
    return catalogue.read("exampleshire")


def handed(name="repairs", sha256="1" * 64, **told):
    said = {
        "id": name,
        "label": "Urgent repairs",
        "counts": "an urgent repair to a council home",
        "unit": "repairs",
        "themes": ("cleaner_greener",),
        "organisation": "Midvale housing",
        "owner": "Repairs manager",
        "given_on": date(2026, 1, 15),
        "purpose": "To see where homes fail.",
        "sharing": "open",
        "expires": date(2027, 1, 31),
        "by": "lsoa21",
    } | told
    snapshot = Snapshot("partner_return", "handed_over", f"{name}.zip", sha256, 1, "", "", "", "")
    return Kept(Description.model_validate(said), snapshot)


@pytest.fixture
def data(tmp_path):
    """A data folder with two releases, and what is written beside them."""
    for release in ("R1", "R2"):
        for name in (f"releases/{release}/evidence.parquet", f"restricted/{release}/evidence.csv"):
            path = tmp_path / name
            path.parent.mkdir(parents=True)
            path.write_text("")
        themes = tmp_path / "releases" / release / "themes"
        themes.mkdir()
        (themes / "cleaner_greener.csv").write_text("")
    return tmp_path


class TestLedger:
    def test_a_hand_over_is_entered_once_with_who_what_and_when(self, data):
        for _ in range(2):
            ledger.note_given(data, [handed()])
        (line,) = ledger.read(data)
        assert (line["event"], line["id"], line["sha256"]) == ("given", "repairs", "1" * 64)
        wanted = {"organisation": "Midvale housing", "owner": "Repairs manager", "sharing": "open"}
        wanted |= {"given_on": "2026-01-15", "expires": "2027-01-31"}
        assert wanted.items() <= line.items()
        assert line["purpose"] == "To see where homes fail." and line["accepted_at"]

    def test_a_newer_hand_over_is_another_line(self, data):
        ledger.note_given(data, [handed()])
        ledger.note_given(data, [handed(sha256="2" * 64, given_on=date(2026, 1, 20))])
        assert [a["given_on"] for a in ledger.asks(data, TODAY)] == ["2026-01-20", "2026-01-15"]

    def test_each_release_that_used_it_is_entered_once_with_its_tables(self, data):
        ledger.note_given(data, [handed()])
        for release in ("R1", "R1", "R2"):
            ledger.note_used(data, ledger.uses([handed()], release, TODAY))
        (one,) = ledger.asks(data, TODAY)
        assert one["used"] == 2
        assert one["tables"] == [
            f"releases/{r}/{name}"
            for r in ("R1", "R2")
            for name in ("evidence.parquet", "themes/cleaner_greener.csv")
        ]

    def test_of_one_that_is_not_open_it_is_the_table_beside_the_release(self, data):
        one = handed(sharing="restricted")
        ledger.note_given(data, [one])
        ledger.note_used(data, ledger.uses([one], "R1", TODAY))
        assert ledger.asks(data, TODAY)[0]["tables"] == ["restricted/R1/evidence.csv"]

    def test_what_has_expired_is_used_no_more_and_says_so(self, data):
        ledger.note_given(data, [handed()])
        ledger.note_used(data, ledger.uses([handed()], "R1", date(2027, 2, 1)))
        (one,) = ledger.asks(data, date(2027, 2, 1))
        assert one["expired"] and one["tables"] == []
        assert not ledger.asks(data, date(2027, 1, 31))[0]["expired"]

    def test_a_line_half_written_is_written_again(self, data):
        ledger.note_given(data, [handed()])
        path = data / ledger.NAME
        path.write_text(path.read_text()[:50])
        ledger.note_given(data, [handed()])
        assert [a["id"] for a in ledger.asks(data, TODAY)] == ["repairs"]


class TestCovered:
    @pytest.mark.parametrize(
        ("question", "measure"),
        [
            ("burglaries by street", "police_crime.burglary"),
            ("Burglary", "police_crime.burglary"),
            ("Domestic burglaries, recorded by the police", "police_crime.burglary"),
            ("bicycle thefts", "police_crime.bicycle_theft"),
            ("stolen bicycles by ward", "police_crime.bicycle_theft"),
            ("ASB incidents", "police_crime.anti_social_behaviour"),
            ("anti-social behaviour", "police_crime.anti_social_behaviour"),
            ("How many households are in fuel poverty?", "fuel_poverty.fuel_poor_households"),
            ("homes sold by district", "price_paid.sales"),
            ("number of residents aged 65 and over", "population.aged_65_and_over"),
            ("drug crimes", "police_crime.drugs"),
        ],
    )
    def test_a_question_that_an_open_source_answers(self, book, question, measure):
        assert measure in [m.split(" ")[0] for m in covering.open_measures(question, book)]

    @pytest.mark.parametrize(
        "question",
        [
            "domestic abuse incidents",
            "falls among people aged 65 and over",
            "sexual offences",
            "drug treatment numbers",
            "children in care",
            "smoking cessation referrals by surgery",
            "knife crime",
            "households",
            "residents of small areas",
            "",
            "the number of people",
        ],
    )
    def test_a_question_that_none_answers(self, book, question):
        assert covering.open_measures(question, book) == []

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("Burglaries and burglary", {"burglary"}),
            ("Losses, classes, buses", {"loss", "class", "buse"}),  # either side alike: no matter
            ("Residents (TS021) aged 65+", {"65"}),
            ("Anti-social behaviour; antisocial", {"antisocial", "behaviour"}),
        ],
    )
    def test_words_that_say_what_it_is_about(self, text, words):
        assert covering.words(text) == words


class TestAsked:
    def test_beside_each_return_stands_what_is_open_already(self, data):
        ledger.note_given(data, [handed(label="Burglaries", counts="a home broken into")])
        told = list(asked.sentences(asked.found(data, "")))
        assert told[0] == "Burglaries (repairs), shared as open"
        assert "  an open source already covers this: police_crime.burglary ('Burglary')" in told
        assert "  not used in any table yet" in told

    def test_an_expired_one_is_marked(self, data):
        ledger.note_given(data, [handed(given_on=date(2020, 1, 1), expires=date(2021, 1, 1))])
        assert "EXPIRED on 2021-01-01: ask again" in " ".join(
            asked.sentences(asked.found(data, ""))
        )

    def test_who_is_about_to_ask_is_told_who_gave_it_already(self, data):
        ledger.note_given(data, [handed()])
        (told,) = asked.sentences(asked.found(data, "urgent repairs by ward"))
        assert told.startswith("already given: Urgent repairs, by Repairs manager, Midvale housing")
        (told,) = asked.sentences(asked.found(data, "children in care"))
        assert told == "nothing in hand covers 'children in care': it has to be asked."

    def test_before_the_first_return(self, tmp_path):
        (told,) = asked.sentences(asked.found(tmp_path, ""))
        assert told.startswith("Nothing has been asked of a partner yet")

    def test_on_the_command_line(self, data, capsys):
        from flows.__main__ import main

        ledger.note_given(data, [handed()])

        def run(*words):
            with pytest.raises(SystemExit) as ended:
                main(["list", *words, "--data", str(data)])
            return ended.value.code, *capsys.readouterr()

        code, out, _ = run("--asks", "--json")
        assert code in (0, None) and json.loads(out)["asks"][0]["id"] == "repairs"
        assert "police_crime.burglary" in run("--asks", "burglaries by street")[1]
        code, _, err = run("burglaries")
        assert code == 2 and "is a question for --asks" in err
