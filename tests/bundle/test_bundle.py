"""The zip: playing order, plain names, lists, papers, checksums, recalls, the same bytes again."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import unicodedata
import zipfile
from dataclasses import replace
from datetime import date

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import bundle as bundles
from bot.bundle import PLAYED, RECALL, SUMS, MissingSoundError, TooManyTracksError, track_name, zip_stream
from tests.bundle.conftest import DAY, TITLES

RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def zipped(bundle) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(zip_stream(bundle))))


def pages(data: bytes) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(data))
    return [unicodedata.normalize("NFC", page.extract_text()) for page in reader.pages]


@given(st.integers(1, 99), st.text(max_size=60), st.dates(date(2020, 1, 1), date(2099, 1, 1)))
def test_any_title_makes_a_name_any_player_takes(number, title, day):
    name = track_name(number, title, day)
    assert re.fullmatch(r"\d\d_[A-Z0-9-]{1,15}_\d{8}\.mp3", name)
    assert len(name) <= 32
    assert not RESERVED.match(name)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Vay vốn hộ nghèo", "01_VAY-VON-HO_20261122.mp3"),
        ("Đường dây nóng 111", "01_DUONG-DAY-NONG_20261122.mp3"),
        ("Nghiêngngảnghiêngngả quá", "01_NGHIENGNGANGHIE_20261122.mp3"),
        ("Ƀuôn Êa", "01_BUON-EA_20261122.mp3"),
        ("…", "01_TIN_20261122.mp3"),
    ],
)
def test_titles_are_still_known_by_their_names(title, name):
    assert track_name(1, title, DAY) == name


def test_entries_come_in_playing_order(bundle):
    with zipped(bundle) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        played = [name for name in names if name.endswith(".mp3")]
        assert [name[:6] for name in played] == [f"{PLAYED}/{n:02d}_" for n in range(1, 5)]
        assert names[0] == RECALL
        assert names[1:5] == played
        assert names[-1] == SUMS
        assert [archive.read(name) for name in played] == [track.path.read_bytes() for track in bundle.tracks]
        assert all(archive.getinfo(name).compress_type == zipfile.ZIP_STORED for name in played)
        for name in names:
            assert name.isascii()
            assert all(not RESERVED.match(part) and part[-1] not in ". " for part in name.split("/"))


def test_checksums_are_those_a_computer_checks(bundle, tmp_path):
    with zipped(bundle) as archive:
        archive.extractall(tmp_path / "usb")
    lines = (tmp_path / "usb" / SUMS).read_text("ascii").splitlines()
    assert len(lines) == len(bundles.files(bundle)) - 1
    for line in lines:
        told, name = line.split("  ", 1)
        path = (tmp_path / "usb" / SUMS).parent / name
        assert hashlib.sha256(path.read_bytes()).hexdigest() == told


def test_lists_name_every_file_with_its_length(bundle):
    with zipped(bundle) as archive:
        plain = archive.read(f"{PLAYED}/DANH-SACH.m3u")
        whole = archive.read(f"{PLAYED}/DANH-SACH.m3u8").decode()
        names = [name.removeprefix(f"{PLAYED}/") for name in archive.namelist() if name.endswith(".mp3")]
    assert plain.isascii()
    assert plain.startswith(b"#EXTM3U\r\n#EXTINF:62,Vay von ho ngheo\r\n01_")
    lines = whole.split("\r\n")
    assert lines[2::2] == names + [""] * (len(lines[2::2]) - len(names))
    assert lines[3] == f"#EXTINF:63,{TITLES[1]}"


def test_a_recall_is_the_first_thing_seen(bundle):
    with zipped(bundle) as archive:
        raw = archive.read(RECALL)
        sheet = pages(archive.read("GIAY-TO/BANG-PHAT.pdf"))
    told = raw.decode("utf-8-sig")
    assert raw.startswith(b"\xef\xbb\xbf")
    assert "KHÔNG PHÁT" in told.split("\r\n")[0]
    for part in ("Bản tin 20/11", "Sai số điện thoại", "01_BAN-TIN_20261120.mp3", "ab" * 32, "16:00 21/11/2026"):
        assert part in told
    assert "Sai số điện thoại" in sheet[0]
    with zipped(replace(bundle, recalled=())) as archive:
        assert RECALL not in archive.namelist()


def test_the_sheet_says_everything_in_full_letters(bundle):
    with zipped(bundle) as archive:
        data = archive.read("GIAY-TO/BANG-PHAT.pdf")
    text = " ".join(" ".join(pages(data)).split())
    for track in bundle.tracks:
        assert track.told.title in text
        assert track.told.code in text
        assert track.told.script in text
    assert "Đài truyền thanh xã Ea Kao. Giờ phát: 05:30, 17:00." in text
    assert "Người duyệt: Nguyễn Thị Ưởng, lúc 16:00 21/11/2026." in text
    reader = pypdf.PdfReader(io.BytesIO(data))
    assert reader.metadata.title == "Bảng phát thanh 22/11/2026"
    assert reader.trailer["/Root"]["/Lang"] == "vi"
    assert [mark.title for mark in reader.outline if not isinstance(mark, list)] == ["Bảng phát thanh 22/11/2026"]


def test_the_same_bundle_gives_the_same_bytes(bundle):
    one = b"".join(zip_stream(bundle))
    assert b"".join(zip_stream(bundle)) == one
    assert b"".join(zip_stream(replace(bundle, note="Phát thêm lúc 11 giờ"))) != one


@pytest.mark.parametrize("damage", ["gone", "other", "longer"])
def test_a_sound_that_is_not_the_approved_one_breaks_the_download(damage, bundle):
    path = bundle.tracks[1].path
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b"x" if damage == "longer" else b"y" * bundle.tracks[1].size_bytes)
    with pytest.raises(MissingSoundError, match="02_DOI-THE-BAO"):
        b"".join(zip_stream(bundle))


def test_two_digits_are_enough(bundle):
    with pytest.raises(TooManyTracksError):
        replace(bundle, tracks=bundle.tracks * 25)
    with zipped(replace(bundle, tracks=bundle.tracks[:1] * 99)) as archive:
        assert len({name.lower() for name in archive.namelist()}) == len(archive.namelist())


def test_the_download_has_a_plain_name(bundle):
    assert bundles.zip_name(bundle) == "DAI-TRUYEN-THANH-XA-EA-KAO_20261122.zip"


def test_a_kept_zip_is_made_once_and_follows_its_bundle(bundle, tmp_path):
    folder = tmp_path / "zip"
    kept = bundles.keep_zip(bundle, folder)
    assert kept.read_bytes() == b"".join(zip_stream(bundle))
    stamp = kept.stat().st_mtime_ns
    assert bundles.keep_zip(bundle, folder) == kept
    assert kept.stat().st_mtime_ns == stamp
    other_day = bundles.keep_zip(replace(bundle, day=date(2026, 11, 23)), folder)
    changed = bundles.keep_zip(replace(bundle, note="Thêm một tin"), folder)
    assert sorted(folder.iterdir()) == sorted([other_day, changed])
    bundle.tracks[0].path.write_bytes(b"x")
    with pytest.raises(MissingSoundError):
        bundles.keep_zip(replace(bundle, note="khác"), folder)
    assert sorted(folder.iterdir()) == sorted([other_day, changed])


def test_a_program_of_the_system_opens_it(bundle, tmp_path):
    (tmp_path / "a.zip").write_bytes(b"".join(zip_stream(bundle)))
    told = subprocess.run(
        [sys.executable, "-m", "zipfile", "-t", str(tmp_path / "a.zip")], capture_output=True, text=True, check=True
    )
    assert "Done testing" in told.stdout
