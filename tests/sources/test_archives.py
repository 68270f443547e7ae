"""Single members of a zip archive read from afar (contract, section 2.7)."""

import io
import zipfile
from dataclasses import replace

import publisher_files as pf
import pytest
from conftest import asked
from publishers import Answer, Internet, file

from flows.sources.files import Fault
from flows.sources.services import archives
from flows.sources.web import TRIES

URL = "https://data.police.uk/data/archive/latest.zip"
S3 = "https://policeuk-data.s3.amazonaws.com/archive/2026-07.zip"
FAR = b"0123456789abcdef" * (1 << 17)  # 2 MiB, stored: pushes what is before it out of the tail
NAMES = [f"2026-0{m}/2026-0{m}-kent-street.csv" for m in (5, 6, 7)]
MEMBERS = {name: pf.STREET + name.encode() for name in NAMES} | {"zz/far.bin": FAR}
WHOLE = pf.stored_zip(MEMBERS)
STARTS = {i.filename: i.header_offset for i in zipfile.ZipFile(io.BytesIO(WHOLE)).infolist()}


@pytest.fixture
def net(internet):
    """data.police.uk redirects to S3, which serves ranges."""
    net = Internet()
    net.at(URL, lambda asked: Answer(b"", 302, {"Location": S3}))
    net.at(S3, lambda asked: file(asked, WHOLE))
    net.behind(internet)
    return net


def spans(internet):
    return [r.headers.get("Range") for r, _ in internet.log]


def members(web, *names):
    with archives.opened(web, URL) as archive:
        return [archive.member(name, name.rpartition("/")[2], "2026-07") for name in names]


def test_the_redirect_is_resolved_once_the_directory_is_one_request_and_a_member_another(
    web, internet, net
):
    """Through the redirecting address every request is doubled."""
    files = members(web, *NAMES)
    assert [f.path.read_bytes() for f in files] == [MEMBERS[n] for n in NAMES]
    there = asked(internet, "policeuk-data.s3")
    assert (len(asked(internet, "data.police.uk")), len(there)) == (1, 1 + 1 + 3)
    assert spans(internet)[:3] == ["bytes=0-0", "bytes=0-0", f"bytes=-{archives.DIRECTORY}"]


def test_a_member_is_known_by_its_address_its_edition_and_its_crc_and_size(web, net):
    (found,) = members(web, NAMES[0])
    info = zipfile.ZipFile(io.BytesIO(WHOLE)).getinfo(NAMES[0])
    assert found.url == f"{URL}!{NAMES[0]}" and found.edition == "2026-07"
    assert found.token == f"crc:{info.CRC:08x}:{info.file_size}"


def test_the_directory_gives_the_token_of_every_member_without_reading_one(web, internet, net):
    with archives.opened(web, URL) as archive:
        assert set(archive.members) == set(MEMBERS)
    assert len(internet.log) == 3


def test_a_host_without_ranges_is_told_apart_from_one_that_fails(web, net):
    net.at(S3, lambda asked: Answer(WHOLE))
    with pytest.raises(archives.NoRanges), archives.opened(web, URL):
        pass


@pytest.mark.parametrize("status", [403, 404])
def test_an_archive_that_is_not_there_is_a_fault_at_once(web, internet, net, status):
    net.at(S3, lambda asked: Answer(b"<Error/>", status))
    with pytest.raises(Fault, match=str(status)), archives.opened(web, URL):
        pass
    assert len(internet.log) == 2


def test_a_range_is_asked_again_as_politely_as_anything_else(web, internet, net, waits):
    """429 with Retry-After, 5xx: the library's own way would not wait."""
    left = [Answer(b"", 429, {"Retry-After": "7"}), Answer(b"", 503)]

    def busy(request):
        first = request.headers.get("Range", "").startswith(f"bytes={STARTS[NAMES[1]]}-")
        return left.pop(0) if first and left else file(request, WHOLE)

    net.at(S3, busy)
    (found,) = members(web, NAMES[1])
    assert found.path.read_bytes() == MEMBERS[NAMES[1]] and waits[0] == 7 and len(waits) == 2


def test_a_refused_member_is_not_asked_for_again(web, internet, net, waits):
    net.at(
        S3,
        lambda a: (
            Answer(b"", 403)
            if "Range" in a.headers
            and a.headers["Range"] in (f"bytes={STARTS[NAMES[0]]}-{STARTS[NAMES[1]] - 1}",)
            else file(a, WHOLE)
        ),
    )
    with pytest.raises(Fault, match="403"):
        members(web, NAMES[0])
    assert waits == [] and len(internet.log) == 4


def spoiled(spoil, times, name=NAMES[1]):
    """S3, which spoils the answers for one member so many times."""
    left = [None] * times

    def answer(request):
        good = file(request, WHOLE)
        if request.headers.get("Range", "").startswith(f"bytes={STARTS[name]}-") and left:
            left.pop()
            return spoil(good)
        return good

    return answer


def turned(good):
    at = len(good.body) // 2
    return replace(good, body=good.body[:at] + bytes([good.body[at] ^ 1]) + good.body[at + 1 :])


SPOILS = {
    "one bit turned": turned,
    "cut short": lambda good: replace(good, body=good.body[:-20]),
    "a web page": lambda good: replace(good, body=pf.HTML),
    "another member": lambda good: replace(good, body=WHOLE[: len(good.body)]),
    "nothing": lambda good: replace(good, body=b""),
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=list(SPOILS))
def test_a_member_that_comes_back_spoiled_is_asked_for_again(web, internet, net, spoil):
    net.at(S3, spoiled(spoil, 2))
    (found,) = members(web, NAMES[1])
    assert found.path.read_bytes() == MEMBERS[NAMES[1]]
    assert len(internet.log) == 3 + 3


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=list(SPOILS))
def test_a_member_that_stays_spoiled_is_a_fault_and_the_next_one_is_read_all_the_same(
    web, net, spoil
):
    net.at(S3, spoiled(spoil, TRIES * TRIES))
    with archives.opened(web, URL) as archive:
        with pytest.raises(Fault) as raised:
            archive.member(NAMES[1], "b.csv", "2026-07")
        assert str(raised.value).startswith("https://")
        good = archive.member(NAMES[2], "c.csv", "2026-07")
    assert good.path.read_bytes() == MEMBERS[NAMES[2]]


@pytest.mark.parametrize("heeds", [True, False], ids=["412", "If-Match ignored"])
def test_an_archive_replaced_while_it_is_read_is_a_fault_and_no_mixture(web, net, heeds):
    """The directory is of the old one: its offsets mean nothing in the new one."""
    newer = pf.stored_zip({**MEMBERS, NAMES[0]: b"x" * len(MEMBERS[NAMES[0]])})

    def replaced(request):
        if not heeds:
            kept = {k: v for k, v in request.headers.items() if k != "If-Match"}
            request = replace(request, headers=kept)
        return file(request, newer)

    with archives.opened(web, URL) as archive:
        net.at(S3, replaced)
        with pytest.raises(archives.Replaced, match="replaced while it was read"):
            archive.member(NAMES[0], "a.csv", "2026-07")


def test_what_is_no_zip_at_its_end_is_a_fault(web, net):
    net.at(S3, lambda asked: file(asked, pf.HTML * 1000))
    with pytest.raises(Fault, match="zip"), archives.opened(web, URL):
        pass


def test_a_directory_longer_than_the_first_request_is_read_to_its_beginning(web, net, monkeypatch):
    monkeypatch.setattr(archives, "DIRECTORY", 200)
    (found,) = members(web, NAMES[2])
    assert found.path.read_bytes() == MEMBERS[NAMES[2]]


def test_an_archive_smaller_than_the_first_request_is_read_in_one(web, internet, net):
    small = pf.zip_of({NAMES[0]: pf.STREET})
    net.at(S3, lambda asked: file(asked, small))
    (found,) = members(web, NAMES[0])
    assert found.path.read_bytes() == pf.STREET and len(internet.log) == 3


def test_a_member_that_claims_to_be_enormous_is_not_unpacked(web, net, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST_MEMBER", 10)
    with pytest.raises(Fault, match="over 8 GiB"):
        members(web, NAMES[0])
