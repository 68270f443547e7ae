"""A hundred random faults between the flow and the publishers (issue 4, "What must hold").

The invented county's files are served at the publishers' own addresses, each in its publisher's way
(county_publishers.py), by a server that spoils some of its answers, drawn from a seed (unruly.py).

Most seeds run where the network ends, for that costs half a second: eight of the twelve sources are
pulled and their replies staged, as a refresh does it. What holds then:

* a reply that was accepted is byte for byte one of an undisturbed pull: else there is a wrong number;
* where one is lacking, the source says a fault: else there is a gap that nobody is told of;
* a calm pull afterwards, with what the disturbed one remembered, has everything: else a wrong change
  token would keep a gap open for good.

A few seeds run the whole flow, ``refresh``, on a copy of the county that is not said to be invented:
see the second half.
"""

import hashlib
import io
import random
import zipfile

import pytest
from conftest import AGENT, lead_to
from county_publishers import NEWEST, S3, SINCE, WINDOW, county
from publishers import Asked
from unruly import Unruly

from flows import catalogue, freshness
from flows.pull import pull
from flows.snapshots import Store
from flows.sources import SOURCES, police_crime
from flows.sources.files import Ask
from flows.sources.services import archives
from flows.sources.web import Web
from flows.staging import stager

PULLED = (
    "ons_geography",
    "output_areas",
    "postcodes",
    "population",
    "census_2021",
    "indices_of_deprivation",
    "police_crime",
    "price_paid",
    "fuel_poverty",
    "claimant_count",
    "stats19",
    "fingertips",
)
RATES = (0.02, 0.05, 0.15, 0.4)  # shares of the requests that are answered wrongly
SEEDS = range(92)


@pytest.fixture(scope="module")
def patched():
    """For the whole module: every address leads to the server; nobody waits or sleeps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.sources.web._sleep", lambda seconds: None)
        patch.setattr("flows.sources.web.TIMEOUT", (2, 0.2))
        patch.setattr("os.fsync", lambda descriptor: None)
        # small archives, of which each member is a request of its own all the same
        patch.setattr(police_crime, "WINDOW", WINDOW)
        patch.setattr(archives, "DIRECTORY", 4096)
        yield patch


@pytest.fixture(scope="module")
def publishers(patched):
    server = Unruly(county())
    lead_to(patched, server.address)
    yield server
    server.shutdown()
    server.server_close()


class Data:
    """A data folder, and pulls into it as a refresh makes them."""

    def __init__(self, folder, staged, book):
        self.store, self.staged, self.book, self.folder = Store(folder / "s"), staged, book, folder
        self.number = 0

    def pull(self, source):
        self.number += 1
        downloads = self.folder / f"w{self.number}"
        downloads.mkdir(parents=True)
        place = self.book.place
        ask = Ask(
            authorities=tuple(a.code for a in place.authorities),
            police_forces=(*place.home_forces, *place.other_forces),
            since=SINCE if source != "stats19" else "2023-01",
            held={s.name: s.token for s in self.store.current(source).values() if s.token},
        )
        stage = stager(self.book.source[source], self.store, self.staged)
        web = Web(downloads, AGENT, freshness.tokens(self.store, source, "basis"))
        pulled = pull(source, SOURCES[source], self.store, ask, None, web, stage)
        learned = web.learned, pulled.taken, pulled.faults
        freshness.note_asked(self.store, source, "basis", *learned, "2026-01-01")
        return pulled

    def held(self, source):
        return {s.name: s.sha256 for s in self.store.current(source).values()}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Makes data folders; what is staged is shared by all, for it is named by its content."""
    staged, book = tmp_path_factory.mktemp("staged"), catalogue.read("exampleshire")
    return lambda: Data(tmp_path_factory.mktemp("data"), staged, book)


@pytest.fixture(scope="module")
def calm(publishers, fresh):
    """What an undisturbed pull gives, by source: name and hash."""
    data = fresh()
    for source in PULLED:
        pulled = data.pull(source)
        assert (pulled.faults, pulled.set_aside) == ([], []), source
        assert data.pull(source).new == []
    return {source: data.held(source) for source in PULLED}


@pytest.fixture(scope="module")
def true(publishers, calm):
    """Every reply that is right: those, and what more there is in a whole archive of the police."""
    found = {source: set(held.items()) for source, held in calm.items()}
    for address in publishers.net.services:
        if address.startswith(S3.removeprefix("https:/")) and address.endswith(".zip"):
            whole = publishers.net(Asked(address, {}, {})).body
            archive = zipfile.ZipFile(io.BytesIO(whole))
            for name in archive.namelist():
                digest = hashlib.sha256(archive.read(name)).hexdigest()
                found["police_crime"].add((name.rpartition("/")[2], digest))
    return found


def test_the_undisturbed_pull_has_everything(calm):
    assert all(calm.values()) and len(calm) == 12
    months = {name[:7] for name in calm["police_crime"]}
    assert (min(months), max(months), len(months)) == (SINCE, NEWEST, 6)
    assert len(calm["price_paid"]) >= 3 and len(calm["ons_geography"]) == 5
    assert len(calm["claimant_count"]) == 3 and len(calm["fingertips"]) > 6


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_goes_wrong_on_the_way_no_wrong_reply_is_accepted_and_no_gap_is_silent(
    publishers, fresh, calm, true, seed
):
    data, some = fresh(), random.Random(seed).sample(PULLED, 8)
    publishers.misbehave(seed, RATES[seed % len(RATES)])
    try:
        told = {source: data.pull(source) for source in some}
    finally:
        publishers.behave()
    for source, pulled in told.items():
        held = data.held(source)
        wrong = set(held.items()) - true[source]
        assert not wrong, f"{source} accepted {wrong}; {publishers.done}"
        lacking = calm[source].keys() - held.keys()
        assert pulled.faults or not lacking, f"{source} lacks {lacking}; {publishers.done}"
        assert all(fault.startswith(f"{source}: ") for fault in pulled.faults)
    for source in (s for s in some if told[s].faults or not told[s].taken):
        again = data.pull(source)
        assert again.faults == [], publishers.done
        held = data.held(source)
        assert {n: held.get(n) for n in calm[source]} == calm[source], publishers.done
