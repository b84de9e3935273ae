"""Feeds as other people's programs read them: a podcast client, a calendar, an XML parser."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import icalendar
import podcastparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds import Airing, Channel, Episode, calendar, m3u8, playlist, rss
from bot.runsheet import Recalled

NOW = datetime(2026, 11, 21, 9, 0, 5, tzinfo=UTC)
SITE = "https://xa.example.vn"
CHANNEL = Channel(
    "Đài truyền thanh xã Ea Kao", "Bản tin <mỗi ngày> & mọi chính sách", f"{SITE}/loa/xa-ea-kao",
    f"{SITE}/loa/xa-ea-kao/podcast.xml", "UBND xã Ea Kao", NOW, f"{SITE}/bia.png", "loa@xa.example.vn",
)  # fmt: skip
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"


def episode(number: int, **more) -> Episode:
    told = {
        "id": f"loathon:xa-ea-kao:{number}", "title": f"Bản tin sáng số {number}: vay vốn & “nhà ở”",
        "url": f"{SITE}/loa/tep/{number}.mp3?a=1&b=2", "link": f"{SITE}/loa/{number}", "media_type": "audio/mpeg",
        "size_bytes": 1_000_000 + number, "sha256": f"{number:064x}", "seconds": 299.6,
        "published_at": NOW + timedelta(hours=number), "text": "Kính thưa bà con…", "label": "giọng đọc tổng hợp",
        "transcript": f"{SITE}/loa/{number}.txt", "air_on": date(2026, 11, 30 - number), "slot_at": "05:30",
        "chapters": (("Lời chào", 0.0), ("Vay vốn", 12.345)),
    }  # fmt: skip
    return Episode(**{**told, **more})


EPISODES = tuple(episode(number) for number in (2, 1, 3))


def test_a_podcast_client_subscribes():
    feed = podcastparser.parse(CHANNEL.url, io.BytesIO(rss(CHANNEL, EPISODES)))
    assert feed["title"] == CHANNEL.title
    assert feed["description"] == CHANNEL.about
    assert (feed["language"], feed["type"], feed["explicit"]) == ("vi", "episodic", False)
    assert (feed["itunes_author"], feed["cover_url"]) == (CHANNEL.author, CHANNEL.image)
    assert feed["itunes_owner"] == {"name": CHANNEL.author, "email": CHANNEL.email}
    assert [one["guid"] for one in feed["episodes"]] == [f"loathon:xa-ea-kao:{n}" for n in (3, 2, 1)]
    first = feed["episodes"][0]
    assert first["title"] == EPISODES[2].title
    assert first["enclosures"] == [{"url": EPISODES[2].url, "file_size": 1_000_003, "mime_type": "audio/mpeg"}]
    assert (first["total_time"], first["published"]) == (300, int(EPISODES[2].published_at.timestamp()))
    assert "giọng đọc tổng hợp" in first["description"]


def test_the_conventions_are_kept():
    root = ET.fromstring(rss(CHANNEL, EPISODES))
    assert root.attrib == {"version": "2.0"}
    channel = root.find("channel")
    assert channel.find("{http://www.w3.org/2005/Atom}link").attrib["href"] == CHANNEL.url
    assert channel.find(f"{ITUNES}category").attrib["text"] == "Government"
    assert channel.find(f"{ITUNES}image").attrib["href"] == CHANNEL.image
    assert channel.find(f"item/{PODCAST}transcript").attrib["url"] == EPISODES[2].transcript
    for item in channel.findall("item"):
        assert item.find("guid").attrib == {"isPermaLink": "false"}
        sent = parsedate_to_datetime(item.findtext("pubDate"))
        assert sent.utcoffset() == timedelta(hours=7)
        assert item.findtext(f"{ITUNES}duration").isdecimal()
        assert int(item.find("enclosure").attrib["length"]) > 0
        assert len(item.findall("title")) == len(item.findall("enclosure")) == 1


def test_a_feed_is_known_by_its_address_without_scheme():
    """The example of podcastindex.org's own page of the tag."""
    own = replace(CHANNEL, url="https://mp3s.nashownotes.com/pc20rss.xml")
    guid = ET.fromstring(rss(own, ())).findtext(f"channel/{PODCAST}guid")
    assert guid == "917393e3-1b1e-5cef-ace4-edaa54e1f810"


def test_a_feed_without_anything_is_still_one():
    plain = replace(CHANNEL, image="", email="")
    feed = podcastparser.parse(plain.url, io.BytesIO(rss(plain, ())))
    assert feed["episodes"] == []


def test_what_was_withdrawn_is_gone_everywhere_and_told_to_automation():
    recalled = (Recalled("Bản tin 20/11", "Sai số", NOW, ("01_X.mp3",), ("ab" * 32,)),)
    left = EPISODES[:2]
    for made in (rss(CHANNEL, left), m3u8(CHANNEL, left), playlist(CHANNEL, left, recalled)):
        assert EPISODES[2].id.encode() not in made
        assert b"/tep/3.mp3" not in made
    told = json.loads(playlist(CHANNEL, left, recalled))
    assert told["recalled"] == [
        {"title": "Bản tin 20/11", "why": "Sai số", "at": "2026-11-21T16:00:05+07:00", "names": ["01_X.mp3"],
         "sha256": ["ab" * 32]}
    ]  # fmt: skip


def test_the_playlist_goes_by_time_of_play():
    lines = m3u8(CHANNEL, EPISODES).decode().splitlines()
    assert lines[:2] == ["#EXTM3U", "#PLAYLIST:Đài truyền thanh xã Ea Kao"]
    assert lines[2::2] == [f"#EXTINF:300,{one.title}" for one in (EPISODES[2], EPISODES[0], EPISODES[1])]
    assert lines[3] == EPISODES[2].url
    items = json.loads(playlist(CHANNEL, EPISODES))["items"]
    assert [one["id"][-1] for one in items] == ["3", "2", "1"]
    assert items[0]["bytes"] == 1_000_003
    assert items[0]["sha256"] == f"{3:064x}"
    assert items[0]["published_at"] == "2026-11-21T19:00:05+07:00"
    assert items[0]["chapters"][1] == {"title": "Vay vốn", "starts_s": 12.35}


def airing(number: int, **more) -> Airing:
    told = {
        "id": f"loathon-{number}@xa.example.vn", "title": "Bản tin sáng; vay vốn, thẻ \\ nhà ở",
        "starts_at": datetime(2026, 11, 21 + number, 22, 30, tzinfo=UTC), "seconds": 600.4, "changed_at": NOW,
        "text": "Mục 1: vay vốn\nMục 2: thẻ bảo hiểm y tế, ưu tiên người già " * 4, "place": "Buôn Ea Kao",
        "url": f"{SITE}/loa/{number}", "version": number,
    }  # fmt: skip
    return Airing(**{**told, **more})


def test_a_calendar_reads_it():
    data = calendar("Giờ phát của xã Ea Kao", (airing(2), airing(1), airing(3, is_off=True)))
    read = icalendar.Calendar.from_ical(data)
    assert read["X-WR-CALNAME"] == "Giờ phát của xã Ea Kao"
    events = read.walk("VEVENT")
    assert [str(event["UID"]) for event in events] == [f"loathon-{n}@xa.example.vn" for n in (1, 2, 3)]
    first = events[0]
    assert first["DTSTART"].dt == datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    assert str(first["DTSTART"].dt.tzinfo) == "Asia/Ho_Chi_Minh"
    assert first["DTSTART"].dt.hour == 5
    assert first["DURATION"].dt == timedelta(seconds=600)
    assert (str(first["SUMMARY"]), str(first["DESCRIPTION"])) == (airing(1).title, airing(1).text)
    assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [event["SEQUENCE"] for event in events] == [1, 2, 3]
    (zone,) = read.walk("VTIMEZONE")
    assert zone.to_tz().utcoffset(NOW.replace(tzinfo=None)) == timedelta(hours=7)


@given(st.text(max_size=300))
def test_lines_are_folded_between_letters(text):
    data = calendar("x", (airing(1, title=text),))
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        line.decode()
    assert len(icalendar.Calendar.from_ical(data).walk("VEVENT")) == 1


@given(st.text(max_size=200))
def test_no_title_breaks_the_feeds(text):
    one = episode(1, title=f"a{text}", text=text, label=text)
    ET.fromstring(rss(replace(CHANNEL, about=f"b{text}"), (one,)))
    assert len(m3u8(CHANNEL, (one,)).decode().split("\n")) == 5
    json.loads(playlist(CHANNEL, (one,)))


@pytest.mark.parametrize("make", [rss, m3u8, playlist])
def test_the_same_input_gives_the_same_bytes(make):
    assert make(CHANNEL, EPISODES) == make(CHANNEL, EPISODES)
