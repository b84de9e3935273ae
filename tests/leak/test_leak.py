"""What a household entrusted stays where it belongs: marks in name, phone, words, EXIF and file name are followed.

A household reports with a photo, an official answers by name, the answer is approved for everybody; then every page,
feed, answer of the API, export, figure, log line, script and listing of a copy is searched for the marks.
"""

from __future__ import annotations

import html
import io
import json
import logging
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

import aiohttp
import pytest
from PIL import Image
from sqlalchemy import text

from bot import cli, copies, faq, integrations, officials, station
from bot.casework import answers, arrivals, export
from bot.casework.handling import Act
from bot.casework.sight import eye
from bot.check.ear import left_over
from bot.cli_db import backup
from bot.clips import all_wanted
from bot.editing import drafts, publishing
from bot.editing.drafts import UnmendedError
from bot.library import spoken
from bot.model.case import CaseKind
from bot.model.codes import new_code
from bot.model.events import CaseAdded, CaseOpened
from bot.model.inbound import Attachment, MediaKind
from bot.model.official import Official
from bot.store import case_desk
from bot.store.case_desk import Filters
from bot.wiring import WebDoor, worker
from desk.api.table import CALLS
from desk.desk import PAGES
from tests.desk.office.conftest import UNIT, Client, add_official
from tests.harness.clock import Hands
from tests.harness.db import in_full
from tests.harness.happenings import happen
from tests.harness.site import Running, running

NAME, PHONE, WORDS = "Quàng Thị Mạckhi", "0987612345", "mươngxuyến"
CANARY = "the log is read from its beginning"
EXIF, FILE = "exifmạckhi", "tentep-mackhi.jpg"
#: every spelling by which a mark would be known again
MARKS = (NAME, "Mạckhi", "mackhi", PHONE, "098 761 2345", WORDS, "muongxuyen", EXIF, FILE)
WHOLE = f"Tôi là {NAME}, số {PHONE}, con {WORDS} nhà tôi sạt lở, bao giờ xã sửa?"
ANSWER = f"Kính gửi bác {NAME}, số {PHONE}. Thứ bảy tuần này xã cho máy xúc vào sửa. Bà con đi đường khác."
FOR_ALL = "Thứ bảy tuần này xã cho máy xúc vào sửa mương. Bà con đi đường khác."
SCRIPT = f"Kính thưa bà con. {FOR_ALL} Xin bà con nhắc nhau. Xin cảm ơn bà con."
#: tables that may hold them besides the search of cases: the words of the case, the name apart, the household's mailbox,
#: the draft of the answer before it was mended
ALLOWED = {"case_history", "identities", "case_attachments", "outbox", "edits"}

#: every table there is, also those that only the search made
TABLES = {
    "sqlite": "select name from sqlite_master where type='table'",
    "postgresql": "select tablename from pg_tables where schemaname = 'public'",
}


def spelled(mark: str) -> tuple[str, ...]:
    """As it is, and escaped as JSON, addresses and pages have it."""
    return (mark, json.dumps(mark)[1:-1], quote(mark), quote_plus(mark), html.escape(mark))


def leaked(told: str | bytes) -> list[str]:
    """The marks that stand in it."""
    plain = (told.decode("utf-8", "replace") if isinstance(told, bytes) else told).casefold()
    return [mark for mark in MARKS if any(one.casefold() in plain for one in spelled(mark))]


def photo() -> bytes:
    """A small picture that says too much about itself."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x010E] = exif[0x013B] = EXIF
    Image.new("RGB", (40, 30), "green").save(out, "JPEG", exif=exif, comment=EXIF.encode())
    assert leaked(out.getvalue())
    return out.getvalue()


@dataclass
class Told:
    """What happened."""

    place: Running
    hands: Hands
    chair: Official
    code: str
    key: str
    client: Client


async def loaded(place: Running, number: int) -> Official:
    async with place.house.store.read() as tx:
        one = await officials.load(tx, number, place.house.shelf.library, place.house.clock.today())
    assert one is not None
    return one


@pytest.fixture
async def told(
    database_url: str, tmp_path: Path, hands: Hands, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Told]:
    """The whole story, every log line kept."""
    caplog.set_level(logging.DEBUG)
    cli.quieten()
    logging.getLogger("bot").debug(CANARY)
    async with (
        running(database_url, tmp_path / "data", hands.clock) as place,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http,
    ):
        writer = await loaded(place, await add_official(place, "can.bo", "can-bo-xu-ly"))
        chair = await loaded(place, await add_official(place, "chu.tich", "lanh-dao", is_chair=True))
        await add_official(place, "quan.tri", "quan-tri", "nguoi-xem", "phat-thanh-vien", "tuyen-truyen-vien")
        code = await brought(place, hands)
        await answered(place, hands, writer, chair, code)
        async with place.house.store.write() as tx:
            given = {"unit": UNIT, "name": "Cổng", "scopes": sorted(integrations.SCOPES), "at": hands.at}
            key = await integrations.make(tx, chair, place.house.shelf.library, **given)
        yield Told(place, hands, chair, code, key.text, Client(place.url, http))


async def brought(place: Running, hands: Hands) -> str:
    """A household reports, with name, phone and a photo."""
    house = place.house
    sha256, kept = await WebDoor(house).put(photo())
    file = Attachment(MediaKind.PHOTO, ref=sha256, name=FILE, mime=kept.mime, size_bytes=len(kept.data))
    code, identity = new_code(b"leak"), {"name": NAME, "phone": PHONE}
    opened = CaseOpened(code, CaseKind.QUESTION, UNIT, WHOLE, "1234", identity=identity, anonymous=False)
    await happen(house.store, hands, opened, chat="nha-a", channel="web")
    await happen(house.store, hands, CaseOpened(new_code(b"hai"), CaseKind.QUESTION, UNIT, "Hỏi"), channel="web")
    await happen(
        house.store, hands, CaseAdded(code, WHOLE, (file,)), CaseAdded(code, WHOLE), chat="nha-a", channel="web"
    )
    await arrivals.catch_up(house.store, house.shelf.library, now=hands.at, at=hands.at)
    jobs = worker(house, ())
    while await jobs.step():
        pass
    return code


async def answered(place: Running, hands: Hands, writer: Official, chair: Official, code: str) -> None:
    """An official answers by name; mended, the answer is approved for everybody."""
    house, store, library = place.house, place.house.store, place.house.shelf.library
    seeing, on = eye(writer, library), place.house.clock.today()
    async with store.write() as tx:
        case = await case_desk.one(tx, seeing, code)
        assert case is not None
        await answers.answer(tx, Act(seeing, library, code, case.steps, hands.at, hands.at), ANSWER)
        edit = await faq.from_case(tx, writer, library, case.id, at=hands.at)
    with pytest.raises(UnmendedError):
        async with store.write() as tx:
            await drafts.submit(tx, writer, library, edit.id, edit.version, unread=left_over, on=on, at=hands.at)
    changes = {
        "title": "Bao giờ xã sửa mương?", "short": "Sửa mương", "answer": FOR_ALL, "broadcast": SCRIPT,
        "asked_as": ["bao giờ xã sửa mương sạt lở"], "topic": "bo-may",
    }  # fmt: skip
    async with store.write() as tx:
        assert not leaked(json.dumps({name: edit.body[name] for name in ("id", "title", "short", "asked_as")}))
        edit = await drafts.save(tx, writer, edit.id, edit.version, changes, at=hands.at)
        edit = await drafts.submit(tx, writer, library, edit.id, edit.version, unread=left_over, on=on, at=hands.at)
    async with store.write() as tx:
        await publishing.approve(
            tx, chair, library, edit.id, edit.version, unread=left_over, also=(), now=hands.at, at=hands.at
        )
    await house.shelf.catch_up()


async def test_marks_stay_where_they_belong(
    told: Told, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found: dict[str, list[str]] = {}

    def look(where: str, what: str | bytes) -> None:
        if marks := leaked(what):
            found[where] = marks

    house, client = told.place.house, told.client
    library = house.shelf.library
    (answer,) = library.faq.values()
    assert FOR_ALL in answer.answer, "the story was told to its end"

    # pages and feeds for everybody, a stranger's chat, what the machine says of itself
    public = ["/", "/tin", "/hoi-dap", f"/hoi-dap/{answer.id}", "/tin.atom", "/sitemap.xml", "/tim?q=sua+muong+sat+lo"]
    public += [f"/loa/{UNIT}", "/health", "/metrics", "/chat", f"/tim?q={told.code}"]
    for path in public:
        look(path, (await client.get(path, follow=True)).text)
    assert FOR_ALL in (await client.get(f"/hoi-dap/{answer.id}")).text

    # the API with a key for everything
    names = {"unit": UNIT, "entry": answer.id, "number": "1", "code": told.code, "format": "mp3"}
    for call in CALLS:
        path = f"/api/v1{call.path}"
        for name, value in names.items():
            path = path.replace("{" + name + "}", value)
        if call.method == "GET":
            look(path, (await client.get(path, authorization=f"Bearer {told.key}")).text)
    shown = await client.get(f"/api/v1/cases/{told.code}", authorization=f"Bearer {told.key}")
    assert shown.status == 200

    # the desk for whoever has nothing to do with cases
    await client.sign_in("quan.tri")
    for page in PAGES:
        if page.get and "{" not in page.path:
            look(f"quan.tri {page.path}", (await client.get(page.path)).text)
    assert (await client.get(f"/ban/ho-so/{told.code}")).status == 404

    # rows for whoever may read cases: no words, no names
    for form in ("csv", "xlsx"):
        out = io.BytesIO()
        async with house.store.read() as tx:
            seeing = eye(told.chair, library)
            count = await export.write(tx, seeing, library, Filters(), form=form, out=out, now=told.hands.at)
        assert count == 2
        look(f"export {form}", unzipped(out.getvalue()))

    # what is read aloud and stands in a clip's tags
    look("script", spoken(library, answer.id, house.clock.today(), UNIT).text)
    look("clips", repr(all_wanted(library, [UNIT], house.clock.today())))
    look("station", station.name_of(library, UNIT))

    # listing of a copy, and what the command says
    folder, said = tmp_path / "copy", io.StringIO()
    await backup(house.settings, house.clock, folder, said)
    look("backup says", said.getvalue())
    listing = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
    assert any(copies.MANIFEST in line for line in listing)
    look("backup lists", "\n".join(listing))
    for manifest in folder.rglob(copies.MANIFEST):
        look("manifest", manifest.read_text("utf-8"))

    # files as they are kept: the picture tells nothing of itself
    blobs = list(house.store.blobs.each())
    assert blobs
    for blob in blobs:
        look(f"blob {blob.name[:8]}", blob.name.encode() + blob.read_bytes())

    logged = [*caplog.get_records("setup"), *caplog.records]
    assert CANARY in {one.getMessage() for one in logged}
    look("log", "\n".join(f"{r.name} {r.getMessage()} {r.exc_text or ''}" for r in logged))
    printed = capsys.readouterr()
    look("printed", printed.out + printed.err)
    assert not found


def unzipped(data: bytes) -> bytes:
    """A spreadsheet's parts one after another; other bytes as they are."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        return b"\n".join(whole.read(name) for name in whole.namelist())


async def test_only_cases_hold_the_marks_and_who_reads_them_opens_no_name_by_it(told: Told) -> None:
    async with told.place.house.store.read() as tx:
        names = [row[0] for row in await tx.rows(text(TABLES[tx.dialect]))]
        held = {name for name in names if leaked(in_full(await tx.rows(text(f'select * from "{name}"'))))}
        rows = await tx.rows(text("select what, detail, ref from audit"))
    assert {name for name in held if not name.startswith("search_")} <= ALLOWED, held
    assert {"case_history", "identities"} <= held, "the marks were there to be found"
    assert not leaked(in_full(rows))

    await told.client.sign_in("can.bo")
    shown = await told.client.get(f"/ban/ho-so/{told.code}")
    assert WORDS in shown.text
    assert FILE not in shown.text, "files are shown under names of our own"
    async with told.place.house.store.read() as tx:
        opened = await tx.scalar(text("select count(*) from audit where what like 'identity%'"))
        (file,) = await tx.rows(text("select name, state from case_attachments"))
    assert opened == 0
    assert (file.state, file.name) == ("kept", FILE)
