"""The one way to the network, against servers that misbehave as publishers' servers do (contract,
section 13; engineering, sections 0.9 and 5)."""

import gzip
import json
import logging
import re
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import publisher_files as pf
import pytest
import requests
from conftest import AGENT, asked, in_turn, web_in
from werkzeug import Response

from flows import freshness
from flows.pull import pull
from flows.snapshots import Store
from flows.sources import manners, price_paid
from flows.sources import web as door
from flows.sources.files import Ask, Fault, File, Gone
from flows.sources.parts import TooMuch, Unchanged
from flows.sources.web import PATIENCE, TRIES, Web

URL = "https://price-paid-data.publicdata.landregistry.gov.uk/pp-2006.csv"
LONG = pf.PRICE_PAID * 400  # of more than one piece
HALF = len(LONG) // 2
TAG = '"5a1f-659"'


def reply(content=b"", status=200, **headers):
    return Response(
        content, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def told(web, url=URL, **named):
    """The sentence of the Fault that a download ends in."""
    with pytest.raises(Fault) as raised:
        web.download(url, **named)
    assert str(raised.value).startswith(url)
    return str(raised.value)


# What a good answer is --------------------------------------------------------------------------


def test_a_download_is_kept_byte_for_byte_under_its_own_name(web, internet):
    in_turn(internet, URL, pf.PRICE_PAID)
    file = web.download(f"{URL}?x=1")
    assert file.path.read_bytes() == pf.PRICE_PAID
    assert (file.name, file.url) == ("pp-2006.csv", f"{URL}?x=1")
    assert web.download(file.url, "other.csv").name == "other.csv"


def test_every_request_says_in_plain_ascii_which_organisation_asks(web, internet):
    """ONS asks for name, version, an organisation and its address, ASCII only, no HTML."""
    in_turn(internet, URL, pf.PRICE_PAID)
    internet.expect_request("/www.gov.uk/b").respond_with_json({})
    web.download(URL)
    web.json("https://www.gov.uk/b")
    agents = {r.headers["User-Agent"] for r, _ in internet.log}
    assert len(agents) == 1
    assert re.fullmatch(rf"locality-evidence/[\d.]+ \({AGENT}\)", agents.pop())


@pytest.mark.parametrize(
    ("contact", "said"),
    [
        ("", "(no contact given)"),
        ("Ynys Môn Council mail@môn.example", "(Ynys Mn Council mail@mn.example)"),
        ("<b>Council</b>\r\nX-Evil: 1 (us)", "(b Council /b X-Evil: 1 us)"),
    ],
)
def test_a_contact_of_any_kind_makes_a_header_that_may_be_sent(contact, said):
    agent = manners.user_agent(contact)
    assert agent.isascii() and agent.endswith(said)
    assert not set("<>\r\n") & set(agent)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("pp-2006.csv", pf.HTML, "web page"),
        ("pp-2006.csv", pf.BOM + pf.HTML, "web page"),
        ("pp-2006.csv", b'<?xml version="1.0"?><Error/>', "web page"),
        ("pp-2006.csv", b"", "empty"),
        ("pp-2006.csv", b"\r\n \n", "empty"),
        ("pp-2006.csv", b'{"error": "busy"}', "no CSV"),
        ("pp-2006.csv", b"PK\x03\x04\x00\x00", "no CSV"),
        ("nspl.zip", b"pcds,lat,long\n", "no .zip"),
        ("fuel.xlsx", b"\xd0\xcf\x11\xe0", "no .xlsx"),
        ("lsoa.gpkg", b'{"status": "Pending"}', "no .gpkg"),
        ("lsoa.geojson", b"LSOA21CD\n", "no .geojson"),
    ],
)
def test_status_200_with_something_else_is_refused_by_its_first_bytes(
    web, internet, name, content, what
):
    url = f"https://publisher.example/{name}"
    in_turn(internet, url, content)
    assert what in told(web, url)


@pytest.mark.parametrize("body", [pf.HTML, b"", b'{"date": "2026-'])
def test_a_page_or_half_an_answer_where_json_is_expected_is_a_fault(web, internet, body):
    in_turn(internet, URL, body)
    with pytest.raises(Fault, match="not JSON"):
        web.json(URL)


@pytest.mark.parametrize("found", ["[]", "null", "3", '"busy"'])
def test_json_that_is_no_object_is_a_fault_where_one_is_expected(web, internet, found):
    in_turn(internet, URL, found)
    with pytest.raises(Fault, match="another shape"):
        web.json(URL)


def test_a_form_goes_by_post_and_its_answer_may_be_any_json(web, internet):
    in_turn(internet, URL, lambda r: json.dumps([r.method, r.form["poly"]]))
    assert web.answer(URL, form={"poly": "52.6,-1.1"}) == ["POST", "52.6,-1.1"]


# What is asked again, and when ------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_that_is_busy_for_a_moment_is_asked_again(web, internet, waits, status):
    in_turn(internet, URL, status, status, pf.PRICE_PAID)
    assert web.download(URL).path.read_bytes() == pf.PRICE_PAID
    assert len(internet.log) == 3
    assert 1 <= waits[0] <= 2 and 2 <= waits[1] <= 3  # exponential, with jitter


def test_the_waits_are_not_the_same_for_two_who_were_turned_away_together(web, internet, waits):
    in_turn(internet, URL, *[503] * (TRIES - 1), pf.PRICE_PAID)
    web.download(URL)
    web.download(URL, "again.csv")
    assert len(set(waits)) == len(waits)


def test_429_with_retry_after_in_seconds_is_waited_for_exactly(web, internet, waits):
    in_turn(internet, URL, reply(status=429, Retry_After="7"), pf.PRICE_PAID)
    web.download(URL)
    assert waits == [7]


def test_429_with_retry_after_as_a_date_is_waited_for(web, internet, waits):
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    in_turn(internet, URL, reply(status=429, Retry_After=until), pf.PRICE_PAID)
    web.download(URL)
    assert 20 < waits[0] <= 30


@pytest.mark.parametrize("said", ["soon", "-5", "Fri, 99 Foo 2026", "²", ""])
def test_a_retry_after_that_says_nothing_is_as_if_there_were_none(web, internet, waits, said):
    in_turn(internet, URL, reply(status=429, Retry_After=said), pf.PRICE_PAID)
    web.download(URL)
    assert 1 <= waits[0] <= 2


@pytest.mark.parametrize("zone", [" GMT", " -0000", ""])
def test_a_retry_after_date_in_the_past_is_no_wait(web, internet, waits, zone):
    past = f"{datetime.now(UTC) - timedelta(hours=1):%a, %d %b %Y %H:%M:%S}{zone}"
    in_turn(internet, URL, reply(status=503, Retry_After=past), pf.PRICE_PAID)
    web.download(URL)
    assert waits == [0]


@pytest.mark.parametrize(
    "long",
    ["86400", format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)],
    ids=["seconds", "date"],
)
def test_a_host_that_wants_us_away_for_long_is_left_alone_at_once(web, internet, waits, long):
    """ONS: ignoring it can bring a block of up to an hour; urllib3 would sleep for six."""
    in_turn(internet, URL, reply(status=429, Retry_After=long))
    assert "left alone" in told(web)
    assert (len(internet.log), waits) == (1, [])


def test_nobody_ever_waits_longer_than_the_patience(web, internet, waits):
    in_turn(internet, URL, *[reply(status=503, Retry_After=str(PATIENCE))] * TRIES)
    told(web)
    assert max(waits) == PATIENCE


def test_a_server_that_stays_busy_is_a_fault_after_five_tries(web, internet):
    in_turn(internet, URL, 503)
    sentence = told(web)
    assert "503" in sentence and "--inbox" in sentence
    assert len(internet.log) == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 418])
def test_a_refusal_is_a_fault_at_once(web, internet, status):
    in_turn(internet, URL, status)
    with pytest.raises(Fault) as raised:
        web.download(URL)
    assert str(status) in str(raised.value) and len(internet.log) == 1
    assert isinstance(raised.value, Gone) == (status in (404, 410))


def test_a_status_that_the_caller_wants_to_see_is_not_asked_again(web, internet):
    """The police API's 503 on a polygon means: ask for less."""
    in_turn(internet, URL, 503)
    with pytest.raises(TooMuch):
        web.answer(URL, form={"poly": "1"}, too_much=(503,))
    assert len(internet.log) == 1


def test_202_means_not_ready_yet_and_its_body_is_not_the_file(web, internet):
    """The ONS portal says 202 and a line of JSON while it still makes the export."""
    url = "https://geoportal.statistics.gov.uk/lsoa.geojson"
    pending = reply(b'{"status": "Pending"}', status=202)
    in_turn(internet, url, pending, pending, b'{"type": "FeatureCollection"}')
    assert web.download(url).path.read_bytes() == b'{"type": "FeatureCollection"}'
    in_turn(internet, f"{url}x", reply(b'{"status": "Pending"}', status=202))
    assert "not ready" in told(web, f"{url}x")


def test_one_file_that_fails_does_not_stop_the_rest(web, internet):
    in_turn(internet, URL, 404)
    in_turn(internet, f"{URL}.txt", pf.PRICE_PAID)
    first, second = web.files([(URL, "a.csv"), (f"{URL}.txt", "b.csv")])
    assert isinstance(first, Gone) and isinstance(second, File)


def test_nobody_at_the_address_is_a_fault_after_three_tries(tmp_path, waits):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(Fault, match="refuses the connection"):
        Web(tmp_path, "t").download(f"http://127.0.0.1:{port}/a.csv")
    assert len(waits) == 2


def test_a_host_that_never_says_a_word_is_given_up_after_the_timeout(tmp_path, wire):
    hung = threading.Event()
    url = wire(lambda caller: hung.wait(2))
    web = Web(tmp_path, "t")
    web.timeout = (0.1, 0.05)
    with pytest.raises(Fault, match="fell silent"):
        web.download(url)
    hung.set()


def test_at_a_host_that_is_down_the_next_address_is_not_waited_for_as_long(tmp_path, wire, waits):
    """Five census tables at a dead host would else cost five times five timeouts; once it has
    answered, it is a host like any other again."""
    down = [b""] * 4
    good = http(pf.PRICE_PAID, length_of(pf.PRICE_PAID))
    url = wire(*down, good, b"", good)
    web = Web(tmp_path, "t")
    told(web, url)
    assert (len(wire.heard), len(waits)) == (3, 2)
    told(web, url)
    assert (len(wire.heard), len(waits)) == (4, 2)
    web.download(url)
    assert web.download(url).path.read_bytes() == pf.PRICE_PAID
    assert (len(wire.heard), len(waits)) == (7, 3)


# Bodies that break off --------------------------------------------------------------------------


def http(body, *headers, status="200 OK"):
    lines = [f"HTTP/1.1 {status}", *headers, "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


SHORT = {
    "shorter than its Content-Length": http(pf.PRICE_PAID, "Content-Length: 5000"),
    "nothing of its Content-Length": http(b"", "Content-Length: 5000"),
    "cut in a chunk": http(b"40\r\nabc", "Transfer-Encoding: chunked"),
    "cut between chunks": http(b"3\r\nabc\r\n", "Transfer-Encoding: chunked"),
    "gzip shorter than its Content-Length": http(
        gzip.compress(pf.PRICE_PAID)[:20], "Content-Encoding: gzip", "Content-Length: 500"
    ),
    "no gzip": http(pf.PRICE_PAID, "Content-Encoding: gzip"),
}


@pytest.mark.parametrize("answer", SHORT.values(), ids=list(SHORT))
def test_a_body_that_comes_back_short_every_time_is_a_fault(tmp_path, wire, answer):
    url, web = wire(answer), Web(tmp_path, "t")
    assert "broke off" in told(web, url)
    with pytest.raises(Fault):
        web.json(url)
    assert len(wire.heard) == 2 * TRIES


@pytest.mark.parametrize("answer", SHORT.values(), ids=list(SHORT))
def test_a_body_that_comes_back_short_once_is_had_whole_the_next_time(tmp_path, wire, answer):
    url = wire(answer, http(pf.PRICE_PAID, f"Content-Length: {len(pf.PRICE_PAID)}"))
    assert Web(tmp_path, "t").download(url).path.read_bytes() == pf.PRICE_PAID


def test_a_body_that_does_not_say_its_length_is_believed_when_it_comes_the_same_twice(
    tmp_path, wire
):
    url = wire(http(pf.PRICE_PAID))
    assert Web(tmp_path, "t").download(url).path.read_bytes() == pf.PRICE_PAID
    assert len(wire.heard) == 2


def test_a_body_without_length_that_was_cut_the_first_time_is_not_believed(tmp_path, wire):
    url = wire(http(LONG[:HALF]), http(LONG))
    assert Web(tmp_path, "t").download(url).path.read_bytes() == LONG
    assert len(wire.heard) == 3


def test_a_body_without_length_that_is_cut_elsewhere_each_time_is_a_fault(tmp_path, wire):
    url = wire(*(http(LONG[: HALF + n]) for n in range(TRIES)))
    assert "where it ends" in told(Web(tmp_path, "t"), url)


def test_a_body_without_length_but_with_an_etag_is_asked_for_whole_the_second_time(tmp_path, wire):
    """Not for what follows its end, which is 416 for ever."""
    url = wire(http(pf.PRICE_PAID, f"ETag: {TAG}"))
    assert Web(tmp_path, "t").download(url).path.read_bytes() == pf.PRICE_PAID
    assert not any("Range:" in heard for heard in wire.heard)


def test_a_body_without_length_that_is_cut_at_the_same_byte_each_time_is_not_believed(
    tmp_path, wire
):
    """A proxy that passes so many bytes and no more: the last row tells."""
    assert "where it ends" in told(Web(tmp_path, "t"), wire(http(LONG[: HALF + 30])))


def test_a_file_whose_last_row_is_not_ended_is_whole_all_the_same(tmp_path, wire):
    """Fingertips serves such."""
    url = wire(http(pf.PRICE_PAID * 2 + pf.PRICE_PAID.rstrip()))
    assert len(Web(tmp_path, "t").download(url).path.read_bytes().splitlines()) == 3


# Resuming ---------------------------------------------------------------------------------------


def length_of(body):
    return f"Content-Length: {len(body)}"


FIRST_HALF = http(LONG[:HALF], length_of(LONG), f"ETag: {TAG}")


def test_a_download_goes_on_where_it_broke_off_if_the_file_is_still_the_same(tmp_path, wire):
    rest = http(
        LONG[HALF:],
        length_of(LONG[HALF:]),
        f"ETag: {TAG}",
        f"Content-Range: bytes {HALF}-{len(LONG) - 1}/{len(LONG)}",
        status="206 Partial Content",
    )
    file = Web(tmp_path, "t").download(wire(FIRST_HALF, rest))
    assert (file.path.read_bytes(), file.token) == (LONG, f"etag:{TAG}")
    assert f"Range: bytes={HALF}-\r\n" in wire.heard[1] and f"If-Range: {TAG}" in wire.heard[1]


def test_an_etag_that_changed_between_two_tries_means_the_whole_file_anew(tmp_path, wire):
    """If-Range: the host gives all of the new file with 200, and nothing of the old stays."""
    new = LONG.replace(b"112000", b"999000")
    url = wire(FIRST_HALF, http(new, length_of(new), 'ETag: "other"'))
    file = Web(tmp_path, "t").download(url)
    assert (file.path.read_bytes(), file.token) == (new, 'etag:"other"')


@pytest.mark.parametrize(
    ("span", "tag"),
    [(f"{HALF - 9}-{len(LONG) - 10}", TAG), (f"{HALF}-{len(LONG) - 1}", '"other"'), ("*", TAG)],
    ids=["begins elsewhere", "of another file", "says nothing"],
)
def test_206_with_another_part_is_never_put_behind_what_is_here(tmp_path, wire, span, tag):
    wrong = LONG[HALF - 9 : -9] if span.startswith(str(HALF - 9)) else LONG[HALF:]
    other = http(
        wrong,
        length_of(wrong),
        f"ETag: {tag}",
        f"Content-Range: bytes {span}/{len(LONG)}",
        status="206 Partial Content",
    )
    url = wire(FIRST_HALF, other, http(LONG, length_of(LONG), f"ETag: {TAG}"))
    assert Web(tmp_path, "t").download(url).path.read_bytes() == LONG
    assert "Range:" not in wire.heard[2]


def test_206_that_nobody_asked_for_is_not_taken_for_the_file(tmp_path, wire):
    part = http(
        LONG[HALF:],
        length_of(LONG[HALF:]),
        f"Content-Range: bytes {HALF}-{len(LONG) - 1}/{len(LONG)}",
        status="206 Partial Content",
    )
    assert "another part" in told(Web(tmp_path, "t"), wire(part))


def test_416_means_to_begin_anew(tmp_path, wire):
    """What is here is no beginning of what is there: the same range would be refused for ever."""
    refused = http(b"", "Content-Length: 0", status="416 Range Not Satisfiable")
    url = wire(FIRST_HALF, refused, http(LONG, length_of(LONG)))
    assert Web(tmp_path, "t").download(url).path.read_bytes() == LONG
    assert "Range:" not in wire.heard[2]


@pytest.mark.parametrize(
    "header", ['ETag: W/"5a1f--gzip"', "Last-Modified: Wed, 19 Nov 2025 09:30:00 GMT"]
)
def test_without_a_strong_etag_nothing_is_gone_on_with(tmp_path, wire, header):
    """A weak one (ons.gov.uk) names a meaning, not bytes."""
    url = wire(http(LONG[:HALF], length_of(LONG), header), http(LONG, length_of(LONG), header))
    assert Web(tmp_path, "t").download(url).path.read_bytes() == LONG
    assert "Range:" not in wire.heard[1]


def test_what_was_compressed_on_its_way_is_not_gone_on_with(tmp_path, wire):
    """Its bytes are counted unpacked: that number is no place in the file over there."""
    packed = gzip.compress(LONG, mtime=0)
    cut = http(
        packed[: len(packed) // 2], length_of(packed), "Content-Encoding: gzip", f"ETag: {TAG}"
    )
    whole = http(packed, length_of(packed), "Content-Encoding: gzip", f"ETag: {TAG}")
    assert Web(tmp_path, "t").download(wire(cut, whole)).path.read_bytes() == LONG
    assert "Range:" not in wire.heard[1]


def test_a_compressed_answer_is_unpacked_and_not_called_short(web, internet):
    in_turn(internet, URL, reply(gzip.compress(LONG), Content_Encoding="gzip"))
    assert web.download(URL).path.read_bytes() == LONG


# Unchanged files --------------------------------------------------------------------------------

MODIFIED = "Wed, 19 Nov 2025 09:30:00 GMT"


def pulled_again(tmp_path, internet, *answers):
    """What two refreshes of one file give, and the headers of the second request."""
    in_turn(internet, URL, *answers)
    first = web_in(tmp_path / "first")
    (file,) = first.files([(URL, "pp-2006.csv")])
    assert file.path.read_bytes() == pf.PRICE_PAID
    second = web_in(tmp_path / "second", first.learned)
    again = list(second.files([(URL, "pp-2006.csv")]))
    assert second.learned.keys() == first.learned.keys()
    return again, internet.log[-1][0].headers


def test_304_by_etag(tmp_path, internet):
    good = reply(pf.PRICE_PAID, ETag=TAG, Last_Modified=MODIFIED)
    again, headers = pulled_again(tmp_path, internet, good, reply(status=304))
    assert again == [] and headers["If-None-Match"] == TAG


def test_304_by_last_modified_where_there_is_no_etag(tmp_path, internet):
    good = reply(pf.PRICE_PAID, Last_Modified=MODIFIED)
    again, headers = pulled_again(tmp_path, internet, good, reply(status=304))
    assert again == [] and headers["If-Modified-Since"] == MODIFIED


def test_a_weak_etag_is_no_change_token_but_the_date_beside_it_is(tmp_path, internet):
    good = reply(pf.PRICE_PAID, ETag='W/"5a1f--gzip"', Last_Modified=MODIFIED)
    again, headers = pulled_again(tmp_path, internet, good, good)
    assert again == [] and "If-None-Match" not in headers


def test_a_host_that_ignores_if_none_match_is_known_by_its_etag(tmp_path, internet):
    good = reply(pf.PRICE_PAID, ETag=TAG)
    again, headers = pulled_again(tmp_path, internet, good, good)
    assert again == [] and headers["If-None-Match"] == TAG


@pytest.mark.parametrize("tag", [{}, {"ETag": 'W/"5a1f--gzip"'}], ids=["none", "weak"])
def test_a_host_without_change_tokens_is_known_by_the_hash_of_the_body(tmp_path, internet, tag):
    """data.dft.gov.uk sends neither; ons.gov.uk a weak ETag only."""
    again, _ = pulled_again(tmp_path, internet, reply(pf.PRICE_PAID, **tag))
    assert again == []
    changed = reply(pf.PRICE_PAID + pf.PRICE_PAID, **tag)
    (file,), _ = pulled_again(tmp_path, internet_of(internet), reply(pf.PRICE_PAID, **tag), changed)
    assert file.path.read_bytes() == 2 * pf.PRICE_PAID


def internet_of(internet):
    internet.clear()
    return internet


def test_a_file_that_changed_is_pulled_and_its_new_token_learned(tmp_path, internet):
    good, new = reply(pf.PRICE_PAID, ETag=TAG), reply(LONG, ETag='"new"')
    (file,), _ = pulled_again(tmp_path, internet, good, new)
    assert (file.path.read_bytes(), file.token) == (LONG, 'etag:"new"')


def test_304_to_one_who_never_asked_for_it_is_no_file(tmp_path, internet):
    in_turn(internet, URL, 304)
    with pytest.raises(Unchanged):
        web_in(tmp_path / "w").download(URL)
    assert not list((tmp_path / "w").iterdir())


# Redirects --------------------------------------------------------------------------------------


def to(place, status=302, body=b""):
    return reply(body, status=status, Location=place)


def test_a_redirect_is_followed_and_the_file_keeps_the_name_and_address_asked_for(web, internet):
    in_turn(
        internet, "https://data.police.uk/data/archive/latest.zip", to("https://s3.example/7.zip")
    )
    in_turn(internet, "https://s3.example/7.zip", pf.zip_of({"a.csv": b"x"}))
    file = web.download("https://data.police.uk/data/archive/latest.zip")
    assert (file.name, file.url) == ("latest.zip", "https://data.police.uk/data/archive/latest.zip")
    assert (
        web.landed("https://data.police.uk/data/archive/latest.zip")[0]
        == "https://s3.example/7.zip"
    )


@pytest.mark.parametrize(
    "place", ["http://price-paid.example/pp-2006.csv", "ftp://x/pp-2006.csv", "file:///etc/passwd"]
)
def test_a_redirect_away_from_https_is_refused(web, internet, place):
    in_turn(internet, URL, to(place))
    told(web)
    assert asked(internet) == [URL.removeprefix("https:/")]


def test_redirects_without_end_are_a_fault(web, internet):
    in_turn(internet, URL, to(URL))
    assert "redirects" in told(web)
    assert len(internet.log) == manners.MOST_REDIRECTS + 1


def test_the_body_of_a_redirect_that_breaks_off_is_asked_again(tmp_path, wire):
    cut = http(b"<html>moved", "Content-Length: 500", "Location: /pp-2006.csv", status="302 Found")
    url = wire(cut, http(pf.PRICE_PAID, length_of(pf.PRICE_PAID)))
    assert Web(tmp_path, "t").download(url).path.read_bytes() == pf.PRICE_PAID


@pytest.mark.parametrize(("place", "kept"), [("https://s3.example/x", False), ("/files/x", True)])
def test_authorization_is_dropped_on_another_host(web, internet, place, kept):
    """S3 refuses two ways of signing in; and the token is not its business."""
    api = "https://api.get-energy-performance-data.communities.gov.uk/files"
    in_turn(internet, api, to(place))
    for there in ("https://s3.example/x", f"{api}/x"):
        in_turn(internet, there, pf.PRICE_PAID)
    web.download(api, "epc.csv", {"Authorization": "Bearer s3cr3t"})
    first, second = (r.headers.get("Authorization") for r, _ in internet.log)
    assert (first, second) == ("Bearer s3cr3t", "Bearer s3cr3t" if kept else None)


# Caps and deadlines -----------------------------------------------------------------------------


def test_a_file_that_claims_to_be_too_long_is_not_begun(tmp_path, wire, monkeypatch):
    monkeypatch.setitem(door.LARGEST, "file", 1000)
    url = wire(http(b"x" * 100, "Content-Length: 1001"))
    assert "1001 bytes" in told(Web(tmp_path, "t"), url)
    assert len(wire.heard) == 1


def test_a_body_that_says_no_length_is_stopped_at_the_cap(tmp_path, wire, monkeypatch):
    monkeypatch.setitem(door.LARGEST, "file", 100_000)
    url = wire(lambda caller: endless(caller))
    assert "goes on after" in told(Web(tmp_path, "t"), url)
    assert (tmp_path / "pp-2006.csv").stat().st_size <= 100_000


def endless(caller):
    caller.sendall(http(b""))
    while True:
        caller.sendall(b"x" * 65536)


def test_a_gzip_bomb_is_stopped_at_the_cap_and_never_in_memory_whole(tmp_path, wire, monkeypatch):
    monkeypatch.setitem(door.LARGEST, "file", 4 << 20)
    bomb = gzip.compress(b"\0" * (64 << 20))
    url = wire(http(bomb, length_of(bomb), "Content-Encoding: gzip"))
    assert "goes on after" in told(Web(tmp_path, "t"), url)
    assert (tmp_path / "pp-2006.csv").stat().st_size <= 4 << 20


def test_an_answer_has_a_smaller_cap_than_a_file(tmp_path, wire, monkeypatch):
    monkeypatch.setitem(door.LARGEST, "answer", 1000)
    url = wire(http(b"[" + b"0," * 2000 + b"0]", "Content-Length: 4003"))
    with pytest.raises(Fault, match="4003 bytes"):
        Web(tmp_path, "t").json(url)


@pytest.mark.parametrize(
    "framing", ["Content-Length: 900000", "Transfer-Encoding: chunked", "X-No: 1"]
)
@pytest.mark.parametrize("what", ["file", "answer"])
def test_a_slow_drip_does_not_outlast_the_deadline(tmp_path, wire, monkeypatch, framing, what):
    """Each byte comes within the timeout; only a deadline of the whole ends it (requests: 29.7 s)."""
    monkeypatch.setitem(door.DEADLINE, what, 0.2)

    def drip(caller):
        caller.sendall(http(b"", framing))
        for _ in range(600):
            caller.sendall(b"1\r\nx\r\n" if "chunked" in framing else b"x")
            time.sleep(0.01)

    web, began = Web(tmp_path, "t"), time.monotonic()
    with pytest.raises(Fault, match="not there whole after"):
        (web.download if what == "file" else web.json)(wire(drip))
    assert time.monotonic() - began < 3


# Parts of a file --------------------------------------------------------------------------------


def ranges(content, tag=TAG):
    def answer(request):
        first, last = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers["Range"]).groups()
        begin = int(first) if first else max(0, len(content) - int(last))
        end = min(int(last), len(content) - 1) if first else len(content) - 1
        span = f"bytes {begin}-{end}/{len(content)}"
        return reply(content[begin : end + 1], 206, Content_Range=span, ETag=tag)

    return answer


@pytest.mark.parametrize(
    ("first", "last"), [(0, 9), (HALF, HALF + 99), (-50, None), (-(10**9), None)]
)
def test_a_piece_is_the_part_asked_for(web, internet, first, last):
    in_turn(internet, URL, ranges(LONG))
    begins, found = web.piece(URL, first, last, TAG)
    wanted = LONG[first : last + 1] if first >= 0 else LONG[first:]
    assert (begins, found) == (LONG.index(wanted) if first < 0 else first, wanted) or LONG[
        begins:
    ] == found
    assert internet.log[0][0].headers["If-Match"] == TAG


def test_another_piece_than_the_one_asked_for_is_asked_again(web, internet):
    whole = ranges(LONG)
    shifted = reply(LONG[5:15], 206, Content_Range=f"bytes 5-14/{len(LONG)}", ETag=TAG)
    lying = reply(LONG[5:15], 206, Content_Range=f"bytes 0-99/{len(LONG)}", ETag=TAG)
    mute = reply(LONG[:10], 206, ETag=TAG)
    in_turn(internet, URL, shifted, lying, mute, whole)
    assert web.piece(URL, 0, 9, TAG) == (0, LONG[:10])
    assert len(internet.log) == 4


@pytest.mark.parametrize("answer", [412, ranges(LONG, '"other"')], ids=["412", "says so itself"])
def test_a_piece_of_a_file_that_was_replaced_is_refused(web, internet, answer):
    in_turn(internet, URL, answer)
    with pytest.raises(TooMuch):
        web.piece(URL, 0, 9, TAG)
    assert len(internet.log) == 1


# Secrets ----------------------------------------------------------------------------------------

KEYS = {"NOMIS_UID": "0xuid5ecret", "EPC_TOKEN": "bearer5ecret"}
SIGNED = "https://s3.example/x.csv?X-Amz-Credential=cred5ecret&X-Amz-Signature=sig5ecret&x-amz-security-token=sts5ecret"
SECRET_URLS = [
    "https://www.nomisweb.co.uk/api/v01/dataset/NM_1.data.csv?date=latest&uid=0xuid5ecret",
    "https://www.nomisweb.co.uk/x.csv?uid=0xuid5ecret&date=latest",
    SIGNED,
    "https://officer:pass5ecret@portal.example/x.csv",
    "https://api.example/x.csv?api_key=key5ecret",
    "https://api.example/x.csv?access_token=tok5ecret",
    "https://api.example/bearer5ecret/x.csv",
]


@pytest.fixture
def everything_said():
    """All that any logger says, at any level, formatted as it would be written."""
    said = []

    class Listener(logging.Handler):
        def emit(self, record):
            if record.name != "werkzeug":  # the publisher's own log
                said.append(self.format(record))

    root, listener = logging.getLogger(), Listener()
    listener.setFormatter(logging.Formatter("%(name)s %(message)s"))
    before = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(listener)
    yield said
    root.removeHandler(listener)
    root.setLevel(before)


@pytest.mark.parametrize("url", SECRET_URLS)
@pytest.mark.parametrize("answers", [[pf.PRICE_PAID], [503], [404], [pf.HTML], [to("http://x/")]])
def test_no_secret_in_a_log_a_fault_a_file_a_snapshot_or_the_state(
    tmp_path, internet, everything_said, url, answers
):
    internet.expect_request(re.compile(".*")).respond_with_handler(
        lambda r: (
            answers[0]
            if isinstance(answers[0], Response)
            else reply(*([b"", answers[0]] if isinstance(answers[0], int) else [answers[0]]))
        )
    )
    web, store = web_in(tmp_path / "w", keys=KEYS), Store(tmp_path / "snapshots")
    web.session.headers["Authorization"] = "Bearer bearer5ecret"

    class Source:
        __name__ = "price_paid"
        recognise = staticmethod(price_paid.recognise)

        @staticmethod
        def fetch(web, ask):
            yield from web.files([(url, "pp-2006.csv")])

    pulled = pull("price_paid", Source, store, Ask((), ()), None, web, lambda snapshot: None)
    freshness.note_asked(store, "price_paid", "b", web.learned, pulled.taken, pulled.faults, "")
    kept = [p.read_text("utf-8") for p in tmp_path.rglob("*.json*")]
    assert bool(pulled.new) != bool(pulled.faults) and kept and everything_said
    for text in (*pulled.faults, *everything_said, *kept, repr(pulled), repr(web.learned)):
        assert "5ecret" not in text


def test_a_secret_is_not_logged_either_by_a_task_whose_neighbour_began_later(
    tmp_path, internet, everything_said
):
    internet.expect_request(re.compile(".*")).respond_with_data(pf.PRICE_PAID)
    web = web_in(tmp_path / "a", keys={"K": "path5ecret"})
    web_in(tmp_path / "b")  # knows no secret
    web.download("https://api.example/path5ecret/x.csv")
    assert everything_said and not any("5ecret" in line for line in everything_said)


def test_a_presigned_redirect_is_not_told_in_the_fault(web, internet, everything_said):
    api = "https://api.get-energy-performance-data.communities.gov.uk/files"
    in_turn(internet, api, to(SIGNED))
    in_turn(internet, SIGNED, 403)
    with pytest.raises(Fault) as raised:
        web.download(api, "epc.csv", {"Authorization": "Bearer bearer5ecret"})
    assert "5ecret" not in str(raised.value) + " ".join(everything_said)


# How often --------------------------------------------------------------------------------------


@pytest.fixture
def sent(monkeypatch):
    """When each request left, by address; nothing is really sent."""
    times = []

    def send(self, request, **named):
        times.append((request.url, time.monotonic()))
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 200, request.url, request
        answer._content = b"{}"
        return answer

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    return times


def test_the_police_limit_of_15_a_second_and_30_at_once_holds_for_all_tasks_together(
    tmp_path, sent
):
    """The limit is per client address: several Web objects in several threads share it."""
    assert manners.RATES["https://data.police.uk"] == (30, 2)
    began = time.monotonic()

    def task(number):
        session = Web(tmp_path, "t").session
        for n in range(9):
            session.get(f"https://data.police.uk/api/{number}/{n}")

    threads = [threading.Thread(target=task, args=(n,)) for n in range(5)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    times = sorted(t for _, t in sent)
    assert len(times) == 45
    assert times[29] - began < 1.5  # a burst of 30 is let through
    assert times[30] - times[0] >= 1.95  # and then 15 a second
    assert all(b - a >= 1.95 for a, b in zip(times, times[30:], strict=False))


def test_a_busy_host_does_not_keep_another_host_waiting(tmp_path, sent):
    session, began = Web(tmp_path, "t").session, time.monotonic()
    for n in range(5):
        session.get(f"https://one.example/{n}")
        session.get(f"https://two.example/{n}")
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("host", "most", "seconds"),
    [
        ("https://www.nomisweb.co.uk", 200, 60),
        ("https://www.ons.gov.uk", 200, 60),
        ("https://geoportal.statistics.gov.uk", 200, 60),
        ("https://api.get-energy-performance-data.communities.gov.uk", 6000, 300),
        ("https://fingertips.phe.org.uk", 5, 5),
    ],
)
def test_each_host_has_the_limit_that_its_publisher_names_or_one_a_second(
    tmp_path, host, most, seconds
):
    adapter = Web(tmp_path, "t").session.get_adapter(f"{host}/x")
    assert adapter.limiter is manners._limiter(most, seconds)
    assert adapter.per_host


def test_this_machine_is_not_kept_waiting(tmp_path):
    assert not hasattr(Web(tmp_path, "t").session.get_adapter("http://127.0.0.1:9/"), "limiter")
