"""Public pages of answers for everybody and of announcements."""

from __future__ import annotations

from datetime import date

import pytest

from bot.library import EntryKey
from bot.library.schema.answers import Announcement, Faq
from tests.desk.conftest import SITE, Reader

pytestmark = pytest.mark.asyncio(loop_scope="session")

SAID = {
    "topic": "sinh-ke",
    "unit": "xa-tu-ky",
    "reviewed_on": date(2026, 11, 20),
    "answer": "Thứ bảy xã tiêm phòng trâu bò ở sân thôn.",
    "broadcast": "Kính thưa bà con! Thứ bảy xã tiêm phòng trâu bò ở sân thôn.",
}
ANSWER = {"id": "tiem-phong-0001", "title": "Bao giờ tiêm phòng?", "short": "Tiêm phòng", "more": "Mang dây."}
DAYS = {"valid_from": date(2026, 11, 20), "valid_to": date(2026, 11, 25)}
FAQ = Faq.model_validate({**SAID, **ANSWER})
NEWS = Announcement.model_validate(
    {**SAID, **DAYS, "id": "hop-thon-0002", "title": "Tối nay họp thôn", "short": "Họp thôn"}
)


@pytest.fixture
def told(reader: Reader) -> Reader:
    library = reader.shelf.library.with_entry(EntryKey("faq", FAQ.id, FAQ.unit), FAQ)
    reader.shelf.library = library.with_entry(EntryKey("announcements", NEWS.id, NEWS.unit), NEWS)
    return reader


async def test_each_has_its_page(told: Reader) -> None:
    html, _ = await told.get(f"/hoi-dap/{FAQ.id}")
    assert "UBND xã Tứ Kỳ trả lời ngày 20/11/2026." in html
    assert "Mang dây." in html
    assert f'content="{SITE}/hoi-dap/{FAQ.id}"' in html
    assert f"start=u_xa-tu-ky__e_{FAQ.id}" in html
    html, _ = await told.get(f"/tin/{NEWS.id}")
    assert "UBND xã Tứ Kỳ báo tin ngày 20/11/2026." in html
    assert "Từ ngày 20/11/2026 đến ngày 25/11/2026." in html
    _, headers = await told.get(f"/cs/{FAQ.id}", 301)
    assert headers["location"] == f"/hoi-dap/{FAQ.id}"
    _, headers = await told.get(f"/anh/{FAQ.id}.png")
    assert headers["content-type"] == "image/png"


async def test_lists_know_unit_and_day(told: Reader) -> None:
    seen = (("/hoi-dap", FAQ), ("/tin", NEWS), ("/tin", FAQ), ("/", NEWS), ("/chu-de/sinh-ke", FAQ))
    for path, sees in seen:
        assert sees.id in (await told.get(path))[0], path
        assert sees.id not in (await told.get(f"{path}?xa=xa-dak-doa"))[0], path
    told.shelf.day = date(2026, 11, 26)
    assert NEWS.id not in (await told.get("/tin"))[0]
    html, _ = await told.get(f"/tin/{NEWS.id}")
    assert "Tin này đã qua, ngày cuối là 25/11/2026." in html
    empty, _ = await told.get("/tin?xa=xa-muong-ang")
    assert "chưa có tin mới" in empty
