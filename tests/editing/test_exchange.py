"""Content as YAML and back, without loss."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from bot.editing import drafts, exchange, publishing
from bot.library import EntryKey, Library, Overlay, Published, read_folder
from bot.library.schema.answers import EntryWords, Faq
from bot.model.official import Official
from bot.runner.shelf import Shelf
from bot.store import Store
from tests.editing.conftest import CONTENT, UNIT, UNREAD
from tests.editing.test_drafts import approve, begin, submit
from tests.harness.clock import Hands
from tests.harness.house import command
from tests.harness.officials import ON, made, role


def written(library: Library, folder: Path, *, whole: bool = False) -> list[str]:
    paths = []
    for path, text in exchange.files(library, whole=whole):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text)
        paths.append(path)
    return paths


def test_everything_comes_back_as_it_was(tmp_path: Path) -> None:
    library = Library.load(CONTENT)
    paths = written(library, tmp_path, whole=True)
    assert len(paths) == len(library.policies) + len(library.stories)
    found = exchange.incoming(library, tmp_path, ON, unread=UNREAD)
    assert {one.state for one in found} == {"same"}
    assert len(found) == len(paths)


def test_answers_of_units_and_words_keep_their_place(tmp_path: Path) -> None:
    base, _faults = read_folder(CONTENT)
    told = Faq.model_validate(
        {
            "id": "hop-thon-0001",
            "title": "Hôm nào họp thôn?",
            "short": "Họp thôn",
            "topic": "thong-tin",
            "unit": UNIT,
            "reviewed_on": ON,
            "answer": "no: on\n# không phải ghi chú\n'dấu' \"nháy\" 0912, 7:30, ~",
            "broadcast": "Kính thưa bà con! Tối thứ bảy họp thôn.",
            "asked_as": ["true", "2026-11-21", "1.50"],
        }
    )
    words = EntryWords(id=told.id, reviewed_on=ON, asked_as=("họp hành gì không",))
    over = Overlay(
        entries=MappingProxyType({EntryKey("faq", told.id, UNIT): Published(told)}),
        words=MappingProxyType({EntryKey("words", told.id): words}),
    )
    library = Library.build(base, over)
    assert written(library, tmp_path) == [f"{UNIT}/faq/{told.id}.yaml", f"chung/words/{told.id}.yaml"]
    found = exchange.incoming(library, tmp_path, ON, unread=UNREAD)
    assert [one.state for one in found] == ["same", "same"]
    # a copy can be moved into the content folder as it is
    again, faults = read_folder(_as_content(tmp_path))
    assert not faults
    assert again.records["faq"][told.id] == told
    assert again.records["words"][told.id] == words


def _as_content(copy: Path) -> Path:
    root = copy / "content"
    for folder in ("phrases", "topics", "units"):
        (root / folder).mkdir(parents=True)
        for file in (CONTENT / folder).glob("*.yaml"):
            (root / folder / file.name).write_bytes(file.read_bytes())
    for kind in ("faq", "words"):
        (root / kind).mkdir()
        for file in copy.glob(f"*/{kind}/*.yaml"):
            (root / kind / file.name).write_bytes(file.read_bytes())
    return root


async def test_what_comes_in_becomes_a_draft_for_another_to_approve(
    store: Store, shelf: Shelf, writer: Official, chair: Official, hands: Hands, tmp_path: Path
) -> None:
    edit = await begin(store, shelf.library, writer, hands)
    sent = await submit(store, shelf.library, writer, edit, hands)
    await approve(store, shelf.library, chair, sent, hands)
    library = await shelf.catch_up()
    (path,) = written(library, tmp_path)
    file = tmp_path / path
    file.write_text(file.read_text("utf-8").replace("bảy giờ sáng", "tám giờ sáng"), "utf-8")
    (one,) = exchange.incoming(library, tmp_path, ON, unread=UNREAD)
    assert one.state == "changed"
    assert not [remark for remark in one.remarks if remark.level == "mend"]
    other = await made(store, library, hands, "can-bo-2", role("can-bo-xu-ly"))
    async with store.write() as tx:
        taken = await exchange.take(tx, other, library, one, at=hands.at)
        assert taken is not None
        assert taken.state == "draft"
        assert taken.authors == [other.id]
        assert "tám giờ sáng" in taken.body["answer"]
        again = await exchange.take(tx, other, library, one, at=hands.at)
        assert again is not None
        assert again.id == taken.id
        assert await exchange.take(tx, other, library, replace(one, state="same"), at=hands.at) is None
        assert [v.version for v in await publishing.history(tx, chair, drafts.key_of(taken))] == [1]


def test_the_commands(tmp_path: Path) -> None:
    told: subprocess.CompletedProcess[str] = command(tmp_path, "content", "export", str(tmp_path / "ra"), "--whole")
    assert told.returncode == 0, told.stderr
    file = tmp_path / "ra" / "chung" / "policies" / "vay-nha-o.yaml"
    file.write_text(file.read_text("utf-8").replace("confidence: ", "confidence: rat-"), "utf-8")
    told = command(tmp_path, "content", "import", str(tmp_path / "ra"))
    assert told.returncode == 1
    assert "hỏng\tchung/policies/vay-nha-o.yaml" in told.stdout
    assert "chưa ghi gì" in told.stdout
    assert command(tmp_path, "content", "import", str(tmp_path / "khong-co")).returncode == 1


def test_files_in_a_strange_place_are_named_not_passed_over(library: Library, tmp_path: Path) -> None:
    for place in ("xa-tuky/policies", "chung/policy", "policies"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "a.yaml").write_text("id: a\n")
    found = exchange.incoming(library, tmp_path, ON, unread=UNREAD)
    assert [one.path for one in found] == ["chung/policy/a.yaml", "policies/a.yaml", "xa-tuky/policies/a.yaml"]
    assert all(one.key is None and "policies" in str(one.faults[0]) for one in found)
