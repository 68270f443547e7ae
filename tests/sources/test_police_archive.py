"""Which members of which of the police's archives are pulled, kept and replaced (contract, section
2), and what that costs against an archive of the real one's shape."""

import struct
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import publisher_files as pf
import pytest
from conftest import asked, lead_to, web_in
from publishers import Answer, Internet, file

from flows import catalogue, freshness
from flows.pull import pull
from flows.snapshots import Store
from flows.sources import police_crime
from flows.sources.files import Ask, Fault, File

POLICE, S3 = "https://data.police.uk/", "https://policeuk-data.s3.amazonaws.com/archive/"
FORCES = ("kent", "essex", "btp", "cumbria")
ASK = Ask((), ("kent", "essex"))


def months(first, count):
    return [police_crime.later(first, n) for n in range(count)]


def street(month, force, word=b""):
    return pf.STREET.replace(b"2025-12", month.encode()) + f"# {force}".encode() + word + b"\n"


def archive(newest, forces=FORCES, window=36, changed=None):
    """An archive of the months up to its newest; ``changed`` gives other contents by name."""
    members = {}
    for month in months(police_crime.later(newest, 1 - window), window):
        for force in forces:
            members[f"{month}/{month}-{force}-street.csv"] = street(month, force)
            members[f"{month}/{month}-{force}-outcomes.csv"] = b"Crime ID,Month\n"
        members[f"{month}/{month}-{forces[0]}-stop-and-search.csv"] = pf.STOP
    return members | (changed or {})


class Police:
    """data.police.uk with its archives by month, and a store that remembers its refreshes."""

    def __init__(self, internet, folder):
        self.log, self.folder, self.number = internet, folder, 0
        self.net, self.store, self.archives = Internet(), Store(folder / "snapshots"), {}
        self.newest = ""
        self.net.at(f"{POLICE}api/crime-last-updated", lambda a: Answer(self._updated()))
        self.net.at(f"{POLICE}data/archive/", self._redirect)
        self.net.at(S3, self._archive)
        self.net.behind(internet)

    def publishes(self, newest, members, said=None):
        self.archives[newest], self.newest = pf.zip_of(members), said or newest
        self.latest = newest

    def _updated(self):
        return f'{{"date":"{self.newest}-01"}}'.encode()

    def _redirect(self, request):
        name = request.path.rpartition("/")[2].replace("latest", self.latest)
        return Answer(b"", 302, {"Location": S3 + name})

    def _archive(self, request):
        content = self.archives.get(request.path.rpartition("/")[2].removesuffix(".zip"))
        return file(request, content) if content else Answer(b"<Error/>", 404)

    def refresh(self, ask=ASK, stage=bool):
        """What is newly accepted in a refresh, by name, as (its edition, its bytes)."""
        self.number += 1
        self.log.clear_log()
        held = self.store.current("police_crime").values()
        ask = Ask(
            ask.authorities,
            ask.police_forces,
            ask.since,
            ask.until,
            held={s.name: s.token for s in held if s.token},
        )
        known = freshness.tokens(self.store, "police_crime", "b")
        web = web_in(self.folder / f"w{self.number}", known)
        self.pulled = pull("police_crime", police_crime, self.store, ask, None, web, stage)
        found = web.learned, self.pulled.taken, self.pulled.faults
        freshness.note_asked(self.store, "police_crime", "b", *found, "")
        return {s.name: (s.edition, self.store.path(s).read_bytes()) for s in self.pulled.new}

    @property
    def read(self):
        """How many requests went to S3, by archive."""
        there = [p.rpartition("/")[2] for p in asked(self.log, "policeuk-data.s3")]
        return {name: there.count(name) for name in sorted(set(there))}


@pytest.fixture
def police(internet, tmp_path):
    return Police(internet, tmp_path)


def test_of_the_newest_archive_the_street_files_of_the_place_s_forces_and_btp_are_read(police):
    police.publishes("2026-07", archive("2026-07"))
    found = police.refresh()
    assert police.pulled.faults == []
    wanted = {
        f"{m}-{f}-street.csv" for m in months("2023-08", 36) for f in ("kent", "essex", "btp")
    }
    assert set(found) == wanted
    assert {edition for edition, _ in found.values()} == {"2026-07"}
    assert found["2025-12-kent-street.csv"][1] == street("2025-12", "kent")


def test_a_snapshot_says_which_archive_and_member_it_came_from_and_its_crc(police):
    police.publishes("2026-07", archive("2026-07"))
    police.refresh()
    held = police.store.current("police_crime")["2026-07-kent-street.csv"]
    crc, size = zlib.crc32(street("2026-07", "kent")), len(street("2026-07", "kent"))
    assert held.url == f"{POLICE}data/archive/latest.zip!2026-07/2026-07-kent-street.csv"
    assert held.token == f"crc:{crc:08x}:{size}"


def test_neighbours_and_btp_may_be_broken_without_spoiling_the_refresh(police):
    """The transport police are not the place's force: their file is spare."""
    police.publishes("2026-07", archive("2026-07"))

    def stage(snapshot):
        if "btp" in snapshot.name:
            raise Fault(snapshot.name, "it cannot be read", "Look at it.")

    found = police.refresh(stage=stage)
    assert police.pulled.faults == [] and len(police.pulled.set_aside) == 36
    assert len(found) == 72


def test_without_forces_named_every_force_is_read(police):
    police.publishes("2026-07", archive("2026-07"))
    ask = Ask((), (), since="2026-07", until="2026-07")
    assert set(police.refresh(ask)) == {f"2026-07-{force}-street.csv" for force in FORCES}


def test_only_the_months_asked_for_are_read(police):
    police.publishes("2026-07", archive("2026-07"))
    found = police.refresh(Ask((), ("kent",), since="2026-05", until="2026-06"))
    kent = [name for name in found if "kent" in name]
    assert kent == ["2026-05-kent-street.csv", "2026-06-kent-street.csv"]


def test_while_the_api_names_the_same_month_nothing_but_that_is_asked(police):
    police.publishes("2026-07", archive("2026-07"))
    police.refresh()
    assert police.refresh() == {}
    assert asked(police.log) == ["/data.police.uk/api/crime-last-updated"]


def test_the_crc_of_each_member_decides_what_is_read_of_a_new_archive(police):
    """Street members change in nearly every archive: outcomes are updated in place."""
    police.publishes("2026-07", archive("2026-07"))
    police.refresh()
    revised = {"2026-06/2026-06-kent-street.csv": street("2026-06", "kent", b" revised")}
    police.publishes("2026-08", archive("2026-08", changed=revised))
    found = police.refresh()
    new = {f"2026-08-{f}-street.csv" for f in ("kent", "essex", "btp")}
    assert set(found) == {"2026-06-kent-street.csv", *new}
    assert police.read == {"2026-08.zip": 1 + 1}  # where it is; the directory, and all in it


def test_a_revised_month_replaces_the_older_one_and_history_keeps_both(police):
    police.publishes("2026-07", archive("2026-07"))
    police.refresh()
    name, word = "2026-06-kent-street.csv", b" crime data refresh"
    revised = {f"2026-06/{name}": street("2026-06", "kent", word)}
    police.publishes("2026-08", archive("2026-08", changed=revised))
    police.refresh()
    held = police.store.current("police_crime")[name]
    assert police.store.path(held).read_bytes() == street("2026-06", "kent", word)
    both = [s for s in police.store.history("police_crime") if s.name == name]
    assert [s.edition for s in both] == ["2026-07", "2026-08"]
    assert police.store.path(both[0]).read_bytes() == street("2026-06", "kent")


def test_months_once_pulled_are_kept_when_the_publisher_drops_them(police):
    police.publishes("2026-07", archive("2026-07"))
    police.refresh()
    police.publishes("2026-09", archive("2026-09"))
    police.refresh()
    held = {n[:7] for n in police.store.current("police_crime")}
    assert held == set(months("2023-08", 38))
    assert list(police.read) == ["2026-09.zip"]  # no older archive is asked for what is in hand


def test_a_force_that_lost_a_month_in_a_newer_archive_keeps_it(police):
    """The contract's section 2.5: a force withheld is a gap of the archive, not of history."""
    police.publishes("2026-07", archive("2026-07"))
    police.refresh()
    fewer = {
        n: c for n, c in archive("2026-08").items() if not n.startswith("2026-07/2026-07-kent")
    }
    police.publishes("2026-08", fewer)
    police.refresh()
    assert "2026-07-kent-street.csv" in police.store.current("police_crime")


# An archive that lags -----------------------------------------------------------------------------


def test_an_archive_that_lags_behind_the_api_is_looked_at_again(police):
    police.publishes("2026-07", archive("2026-07"), said="2026-08")
    assert len(police.refresh()) == 108
    assert police.refresh() == {}
    assert police.read == {"2026-07.zip": 2}  # looked at, and nothing in it read
    police.publishes("2026-08", archive("2026-08"))
    assert {n[:7] for n in police.refresh()} == {"2026-08"}
    assert police.refresh() == {} and police.read == {}


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"date": null}', b'{"date": "soon"}', pf.HTML]
)
def test_an_api_that_does_not_say_the_newest_month_is_a_fault(police, body):
    police.publishes("2026-07", archive("2026-07"))
    police.net.at(f"{POLICE}api/crime-last-updated", lambda a: Answer(body))
    assert police.refresh() == {} and len(police.pulled.faults) == 1


def test_an_archive_without_a_street_file_is_a_fault(police):
    police.publishes("2026-07", {"2026-07/2026-07-kent-outcomes.csv": b"Crime ID\n"})
    assert police.refresh() == {}
    assert "no street-level file" in police.pulled.faults[0]


# Months outside the window ------------------------------------------------------------------------


def test_a_month_outside_the_window_comes_from_the_newest_archive_that_holds_it(police):
    for newest in ("2025-10", "2025-11", "2025-12", "2026-01", "2026-07"):
        police.publishes(newest, archive(newest))
    found = police.refresh(Ask((), ("kent",), since="2022-12", until="2023-02"))
    assert {n: e for n, (e, _) in found.items() if "kent" in n} == {
        "2022-12-kent-street.csv": "2025-11",
        "2023-01-kent-street.csv": "2025-12",
        "2023-02-kent-street.csv": "2026-01",
    }
    assert "2025-10.zip" not in police.read


def test_months_before_2014_05_come_from_the_last_archive_with_the_whole_history(police):
    """Up to 2017-04.zip the full history from 2010-12; from 2017-05.zip on 36 months."""
    police.publishes("2017-04", archive("2017-04", ("kent",), window=77))
    police.publishes("2017-05", archive("2017-05", ("kent",)))
    police.publishes("2026-07", archive("2026-07", ("kent",)))
    found = police.refresh(Ask((), ("kent",), since="2010-01", until="2014-06"))
    editions = {name[:7]: edition for name, (edition, _) in found.items()}
    assert min(editions) == "2010-12" and len(editions) == 43
    assert {m: e for m, e in editions.items() if m >= "2014-05"} == {
        "2014-05": "2017-04",
        "2014-06": "2017-05",
    }
    assert {e for m, e in editions.items() if m < "2014-05"} == {"2017-04"}


def test_an_older_archive_is_asked_once_even_for_a_month_that_it_lacks(police):
    """Greater Manchester since July 2019: looking again each month would find nothing again."""
    police.publishes("2026-01", archive("2026-01", ("essex", "btp")))
    police.publishes("2026-07", archive("2026-07"))
    ask = Ask((), ("kent", "essex"), since="2023-02")
    police.archives["2026-02"] = police.archives["2026-03"] = pf.zip_of(archive("2026-03"))
    for newest in ("2026-04", "2026-05", "2026-06"):
        police.archives[newest] = pf.zip_of(archive(newest))
    found = police.refresh(ask)
    assert "2023-02-essex-street.csv" in found and "2023-02-kent-street.csv" not in found
    police.publishes("2026-08", archive("2026-08"))
    police.refresh(ask)
    assert "2026-01.zip" not in police.read and "2026-08.zip" in police.read
    police.refresh(ask)
    police.publishes("2026-09", archive("2026-09"))
    police.refresh(ask)
    assert "2026-01.zip" not in police.read


def test_an_older_archive_that_failed_is_asked_again_and_only_for_what_it_did_not_give(police):
    """A member that could not be had is not thought to be in hand because its neighbour is."""
    police.publishes("2026-01", archive("2026-01"))
    police.publishes("2026-07", archive("2026-07"))
    ask = Ask((), ("kent", "essex"), since="2023-02", until="2023-02")

    def stage(snapshot):
        if snapshot.name == "2023-02-kent-street.csv":
            raise Fault(snapshot.name, "it cannot be read", "Look at it.")

    assert set(police.refresh(ask, stage)) == {"2023-02-btp-street.csv", "2023-02-essex-street.csv"}
    assert len(police.pulled.faults) == 1
    assert set(police.refresh(ask)) == {"2023-02-kent-street.csv"}
    assert police.pulled.faults == []


def test_an_older_archive_that_is_gone_is_a_fault_and_the_newest_is_read_all_the_same(police):
    police.publishes("2026-07", archive("2026-07"))
    found = police.refresh(Ask((), ("kent",), since="2023-07"))
    assert len([n for n in found if "kent" in n]) == 36
    assert len(police.pulled.faults) == 1 and "2026-06.zip" in police.pulled.faults[0]


# A host without ranges ----------------------------------------------------------------------------


@pytest.fixture
def without_ranges(police):
    """S3 as a proxy leaves it: the whole file or nothing."""

    def whole(request):
        headers = {k: v for k, v in request.headers.items() if k not in ("Range", "If-Match")}
        return police._archive(type(request)(request.path, request.query, headers))

    police.net.at(S3, whole)
    return police


def test_a_host_without_ranges_gives_the_whole_archive(without_ranges):
    without_ranges.publishes("2026-07", archive("2026-07"))
    found = without_ranges.refresh()
    assert without_ranges.pulled.faults == []
    assert {n[:7] for n in found} == set(months("2023-08", 36))
    assert found["2025-12-kent-street.csv"] == ("2026-07", street("2025-12", "kent"))


def test_a_whole_archive_that_lags_is_not_marked_with_a_month_that_it_does_not_hold(
    without_ranges,
):
    """Else its members would pass for newer than the archive that comes next."""
    police = without_ranges
    police.publishes("2026-07", archive("2026-07"), said="2026-08")
    assert {edition for edition, _ in police.refresh().values()} == {"2026-07"}
    assert police.refresh() == {} and police.read  # looked at again
    police.publishes("2026-08", archive("2026-08"))
    found = police.refresh()
    assert {e for e, _ in found.values()} == {"2026-08"} and "2026-08-kent-street.csv" in found
    assert police.refresh() == {} and police.read == {}


def test_a_whole_archive_is_not_pulled_again_while_its_etag_stands(without_ranges):
    police = without_ranges
    police.publishes("2026-07", archive("2026-07"), said="2026-08")
    police.refresh()
    police.refresh()
    assert [a.status_code for r, a in police.log.log if "If-None-Match" in r.headers][-1] == 304


def test_older_months_at_a_host_without_ranges_are_said_to_lack(without_ranges):
    """Each would be an archive of 1.7 GB: that is for a person to decide, but no silent gap."""
    without_ranges.publishes("2026-07", archive("2026-07"))
    found = without_ranges.refresh(Ask((), ("kent",), since="2023-05"))
    assert min(found)[:7] == "2023-08"
    (fault,) = without_ranges.pulled.faults
    assert "months before 2023-08 lie in 3 older archives" in fault and "--inbox" in fault


# Trouble in the middle ----------------------------------------------------------------------------


def far(members):
    """Members behind which so much lies that each is a request of its own."""
    return pf.stored_zip(members | {"zz/far.bin": b"\0" * (2 << 20)})


def test_an_archive_replaced_while_it_is_read_ends_the_reading_with_one_word(police):
    police.publishes("2026-07", archive("2026-07"))
    police.archives["2026-07"] = far(archive("2026-07"))
    newer, seen = far(archive("2026-08")), []

    def replaced(request):
        seen.append(request)
        return file(request, newer if len(seen) > 6 else police.archives["2026-07"])

    police.net.at(S3, replaced)
    found = police.refresh()
    assert len(found) == 4 and {e for e, _ in found.values()} == {"2026-07"}
    told = " ".join(police.pulled.faults)
    assert "replaced while it was read" in told and "not asked for" in told
    assert len(police.pulled.faults) == 2 and len(seen) == 7
    police.net.at(S3, police._archive)
    police.publishes("2026-08", archive("2026-08"))
    police.refresh()
    assert police.pulled.faults == []
    held = police.store.current("police_crime")
    assert {s.name[:7] for s in held.values()} >= set(months("2023-09", 36))


def test_a_host_that_dies_in_the_middle_is_given_up_after_three_members(police, waits):
    """Not after five tries for each of a hundred."""
    police.publishes("2026-07", archive("2026-07"))
    police.archives["2026-07"] = far(archive("2026-07"))
    seen = []

    def dying(request):
        seen.append(request)
        return Answer(b"", 503) if len(seen) > 6 else police._archive(request)

    police.net.at(S3, dying)
    assert len(police.refresh()) == 4
    assert len(police.pulled.faults) == police_crime.GIVEN_UP + 1
    assert len(seen) == 6 + 5 * police_crime.GIVEN_UP


def test_a_member_that_failed_is_read_the_next_time_though_the_api_says_nothing_new(police):
    police.publishes("2026-07", archive("2026-07"))
    name = "2025-01-kent-street.csv"

    def stage(snapshot):
        if snapshot.name == name:
            raise Fault(snapshot.name, "it cannot be read", "Look at it.")

    assert name not in police.refresh(stage=stage)
    assert set(police.refresh()) == {name}
    assert police.refresh() == {} and police.read == {}


# By hand ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "edition"),
    [("2026-07.zip", "2026-07"), ("latest.zip", "2026-06"), ("0a1b2c3d4e.zip", "2026-06")],
)
def test_an_archive_by_hand_is_of_the_month_in_its_name_or_else_the_newest_in_it(
    tmp_path, name, edition
):
    """Without an edition it would stand behind every older one in hand, and change nothing."""
    (tmp_path / name).write_bytes(pf.zip_of(archive("2026-06", ("kent",))))
    found = list(police_crime.recognise(File(tmp_path / name, name), ASK))
    assert {r.edition for r in found} == {edition} and len(found) == 36


# The transfer bar ---------------------------------------------------------------------------------

SIZE, MEMBERS = 1_733_868_300, 4_485  # 2026-07.zip (contract, section 2.1)
# Deflated bytes of each force's street member, 2025-01 to 2025-12, in the publisher's own files.
DEFLATED = {
    "leicestershire": (415051, 388504, 447604, 436597, 466154, 439719, 437787, 442990, 414037,
                       435050, 391206, 381996),
    "derbyshire": (377119, 352207, 425019, 398821, 423569, 424545, 443781, 413479, 389490, 411104,
                   391075, 394858),
    "northamptonshire": (270912, 248818, 295901, 281503, 297238, 293780, 315064, 288150, 281830,
                         278888, 261591, 261920),
    "nottinghamshire": (443376, 402995, 477703, 464949, 509898, 500520, 496819, 461206, 457338,
                        465124, 468879, 448082),
    "warwickshire": (180831, 170540, 194703, 194702, 201540, 203466, 212021, 214874, 201239, 198698,
                     197391, 177247),
    "lincolnshire": (239968, 215007, 245449, 248517, 244391, 259960, 293299, 271746, 253620, 260232,
                     254323, 244563),
    "staffordshire": (377618, 343622, 409762, 428525, 411297, 444042, 451144, 415175, 428547,
                      422179, 388852, 426734),
}  # fmt: skip
OTHERS = (  # noqa: SIM905
    "avon-and-somerset bedfordshire btp cambridgeshire cheshire city-of-london cleveland cumbria"
    " devon-and-cornwall dorset durham dyfed-powys essex gloucestershire gwent hampshire"
    " hertfordshire humberside kent lancashire merseyside metropolitan norfolk north-wales"
    " north-yorkshire northern-ireland northumbria south-wales south-yorkshire suffolk surrey"
    " sussex thames-valley west-mercia west-midlands west-yorkshire wiltshire"
).split()
WANTED = months("2025-08", 12)
KINDS = ("outcomes", "stop-and-search", "street")


def big_archive(path):
    """The newest archive as it is: a directory of 4,485 members, real bytes where the members of
    Leicestershire's forces lie in the last twelve months, and holes of zeros elsewhere."""
    forces = sorted([*DEFLATED, *OTHERS])
    named = []
    for at, month in enumerate(months("2023-08", 36)):
        street_of = forces if month <= "2025-01" else [f for f in forces if f != "btp"]
        outcomes_of = [f for f in forces if f != "btp"]
        searches_of = outcomes_of[: 39 if at < 3 else 38]
        for kind, who in zip(KINDS, (outcomes_of, searches_of, street_of), strict=True):
            named += [(month, force, kind) for force in who]
    assert len(named) == MEMBERS
    real = {
        (month, force): size
        for force, sizes in DEFLATED.items()
        for month, size in zip(WANTED, sizes, strict=True)
    }
    names = [f"{month}/{month}-{force}-{kind}.csv" for month, force, kind in named]
    fixed = sum(30 + 46 + 2 * len(name) for name in names) + 22 + sum(real.values())
    hole = (SIZE - fixed) // (MEMBERS - len(real))
    directory, contents, noise = [], {}, bytes(range(256)) * 4096
    with path.open("wb") as out:
        for name, (month, force, kind) in zip(names, named, strict=True):
            start, size = out.tell(), real.get((month, force)) if kind == "street" else None
            crc, length = 1, hole * 5
            if size:
                # deflated without compression: five bytes more for each block of 64 KiB
                length = size - 5 * (size // 65535 + 1)
                content = (street(month, force) + noise)[:length]
                packer = zlib.compressobj(0, zlib.DEFLATED, -15)
                packed = packer.compress(content) + packer.flush()
                size, crc = len(packed), zlib.crc32(content)
                contents[name.partition("/")[2]] = content
            both = struct.pack(
                "<HHHHHIIIHH", 20, 0, 8, 0, 23585, crc, size or hole, length, len(name), 0
            )
            out.write(b"PK\x03\x04" + both + name.encode())
            out.write(packed) if size else out.seek(hole, 1)
            directory.append(
                b"PK\x01\x02\x14\x03" + both + struct.pack("<HHHII", 0, 0, 0, 0o644 << 16, start)
                + name.encode()
            )  # fmt: skip
        begins, listed = out.tell(), b"".join(directory)
        out.write(listed)
        ends = struct.pack("<HHHHIIH", 0, 0, MEMBERS, MEMBERS, len(listed), begins, 0)
        out.write(b"PK\x05\x06" + ends)
    return contents, len(listed)


class Ranges(BaseHTTPRequestHandler):
    """Ranges of a file with ETag and If-Match, and every byte that leaves is counted."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        server = self.server
        server.requests += 1
        if self.path.startswith("/data.police.uk/api"):
            return self.say(200, body=b'{"date":"2026-07-01"}')
        if self.path.startswith("/data.police.uk/"):
            return self.say(302, {"Location": f"{S3}2026-07.zip"})
        if self.headers.get("If-Match", '"big-207"') != '"big-207"':
            return self.say(412)
        first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
        size = server.archive.stat().st_size
        begin = int(first) if first else size - int(last)
        end = int(last) if first else size - 1
        with server.archive.open("rb") as stream:
            stream.seek(begin)
            body = stream.read(end - begin + 1)
        span = {"Content-Range": f"bytes {begin}-{end}/{size}", "ETag": '"big-207"'}
        return self.say(206, span, body)

    def say(self, status, headers=None, body=b""):
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **(headers or {})}.items():
            self.send_header(name, str(value))
        self.server.sent += sum(len(line) for line in self._headers_buffer) + 2 + len(body)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """A server with the archive; what it cost is in ``sent`` and ``requests``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ranges)
    server.archive = tmp_path_factory.mktemp("big") / "2026-07.zip"
    server.contents, server.directory = big_archive(server.archive)
    server.sent = server.requests = 0
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    server.archive.unlink()


def cost(big, act):
    before, began = (big.sent, big.requests), time.monotonic()
    found = act()
    spent = big.sent - before[0], big.requests - before[1], time.monotonic() - began
    return found, *spent


def test_twelve_months_for_leicestershire_cost_less_than_40_mb_of_a_1_7_gb_archive(
    big, tmp_path, monkeypatch, waits, record_property
):
    lead_to(monkeypatch, f"http://127.0.0.1:{big.server_port}")
    place = catalogue.read("leicestershire").place
    ask = Ask((), (*place.home_forces, *place.other_forces), WANTED[0], WANTED[-1])
    assert set(ask.police_forces) == set(DEFLATED)
    assert abs(big.archive.stat().st_size - SIZE) < MEMBERS and 380_000 < big.directory < 400_000
    assert big.archive.stat().st_blocks * 512 < 300_000_000  # the rest of it is holes

    store, web = Store(tmp_path / "snapshots"), web_in(tmp_path / "first")

    def refresh():
        return pull("police_crime", police_crime, store, ask, None, web, bool)

    pulled, sent, requests, seconds = cost(big, refresh)
    assert pulled.faults == [] and len(pulled.new) == 84
    for snapshot in pulled.new:
        assert store.path(snapshot).read_bytes() == big.contents[snapshot.name]
    print(f"first: {sent:,} bytes, {requests} requests, {seconds:.1f} s")
    record_property("first_pull_bytes", sent)
    assert sent < 40_000_000
    # the newest month, where latest.zip leads to, what lies there, the directory, 84 members
    assert requests <= 4 + 84

    # All is held, but the API's word is not remembered: the directory alone is read again.
    held = {s.name: s.token for s in store.current("police_crime").values()}
    ask, web = (
        Ask((), ask.police_forces, ask.since, ask.until, held=held),
        web_in(tmp_path / "second"),
    )
    pulled, sent, requests, seconds = cost(big, refresh)
    print(f"again: {sent:,} bytes, {requests} requests, {seconds:.1f} s")
    assert pulled.new == [] and pulled.faults == []
    assert sent < 1_200_000 and requests == 4

    # And where it is remembered, 21 bytes and their headers.
    web = web_in(tmp_path / "third", web.learned)
    pulled, sent, requests, seconds = cost(big, refresh)
    assert pulled.new == [] and requests == 1 and sent < 1000


def test_the_recorded_sizes_are_those_of_the_real_archive():
    real = Path(__file__).parents[3] / "shared" / "data" / "police_crime" / "2025-12.zip"
    if not real.exists():
        pytest.skip(f"needs {real}")
    import zipfile

    sizes = {}
    for info in zipfile.ZipFile(real).infolist():
        found = police_crime.STREET.search(info.filename)
        sizes.setdefault(found["force"], {})[found["month"]] = info.compress_size
    assert {f: tuple(by[m] for m in sorted(by)) for f, by in sizes.items()} == DEFLATED
