"""Every role and every action: `matrix.yaml` is what people review, and the code does the same.

To write it anew after a change of `bot/rights.yaml`: `python -m tests.rights.test_matrix`, then read the difference.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from bot import officials, rights
from bot.model.official import Assignment, Delegation, Official, OfficialState

FILE = Path(__file__).with_name("matrix.yaml")
ON = date(2026, 11, 21)
HEAD = """# Vai nào làm được việc nào, trong đơn vị của mình. Ghi ra từ bot/rights.yaml; người đọc duyệt tệp này.
# co = được · uy-quyen = được khi có văn bản ủy quyền (hoặc là chủ tịch) · khong = không được
# khong-tu-duyet: người viết không bao giờ được làm việc này trên bài của chính mình
"""


def official(role: str, *, is_chair: bool, delegated: bool = False) -> Official:
    held = Assignment(1, role, "xa-a", "", (), is_chair, date(2026, 1, 1), None)
    lent = (Delegation(1, "xa-a", (), "1/QD", ON, ON),) if delegated else ()
    return rights.standing(
        Official(7, "a", "A", OfficialState.ACTIVE, (held,), lent),
        {"xa-a": "tinh-b", "xa-c": "tinh-b", "tinh-b": None},
        ON,
    )


def told(role: str, action: str) -> str:
    deputy, lent, chair = (
        rights.may(who, action, unit="xa-a", topic="bhyt")
        for who in (
            official(role, is_chair=False),
            official(role, is_chair=False, delegated=True),
            official(role, is_chair=True),
        )
    )
    assert lent == chair, "a delegation gives what the chair has, no more"
    return "co" if deputy else "uy-quyen" if chair else "khong"


def generated() -> str:
    matrix = {role: {action: told(role, action) for action in rights.actions()} for role in rights.roles()}
    own = [action.id for action in rights.actions().values() if action.not_by_author]
    return HEAD + yaml.safe_dump({"khong-tu-duyet": own, **matrix}, allow_unicode=True, sort_keys=False)


def test_the_matrix_is_what_the_code_does() -> None:
    assert FILE.read_text("utf-8") == generated()


@pytest.mark.parametrize("role", rights.roles())
@pytest.mark.parametrize("action", rights.actions())
def test_no_right_reaches_beyond_its_unit(role: str, action: str) -> None:
    who = official(role, is_chair=True)
    for unit in ("xa-c", "tinh-b", ""):
        assert not rights.may(who, action, unit=unit, topic="bhyt")


@pytest.mark.parametrize("action", [a.id for a in rights.actions().values() if a.not_by_author])
def test_nobody_approves_their_own_work(action: str) -> None:
    who = official("lanh-dao", is_chair=True)
    assert rights.may(who, action, unit="xa-a", author=8)
    assert not rights.may(who, action, unit="xa-a", author=who.id)


def test_the_pages_table_is_the_same() -> None:
    matrix = officials.matrix()
    assert all((told(role, a) != "khong") is may for role, row in matrix.items() for a, may in row.items())


def test_an_administrator_neither_signs_nor_reads_cases() -> None:
    may = officials.matrix()["quan-tri"]
    assert not any(may[action] for action in ("entry-sign", "case-read", "identity-read", "broadcast-approve"))


def test_only_the_custodian_opens_names() -> None:
    assert [role for role, row in officials.matrix().items() if row["identity-read"]] == ["giu-danh-tinh"]


if __name__ == "__main__":
    FILE.write_text(generated(), "utf-8")
