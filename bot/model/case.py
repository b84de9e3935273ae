"""What a household brings: question, feedback, proposal, report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CaseKind(StrEnum):
    """What a household can bring."""

    QUESTION = "hoi-can-bo"
    FEEDBACK = "phan-anh"
    PROPOSAL = "kien-nghi"
    WRONGDOING = "bao-truc-loi"
    DIALOGUE = "doi-thoai"
    NOMINATION = "de-cu-guong"
    CONFIRM_ENTRY = "nho-xa-xac-nhan"
    URGENT = "khan-cap"
    #: about one's own data, brought in person: it has its own clock
    DATA = "yeu-cau-du-lieu"


class CaseState(StrEnum):
    """Life of a case."""

    NEW = "moi"
    RECEIVED = "da-tiep-nhan"
    WORKING = "dang-xu-ly"
    WAITING_CITIZEN = "cho-dan"
    WAITING_OTHERS = "cho-don-vi-khac"
    ANSWERED = "da-tra-loi"
    CLOSED = "dong"


@dataclass(frozen=True, slots=True)
class CaseView:
    """What a lookup by code gives back. `texts` is filled only for the same chat or a right PIN."""

    code: str
    kind: CaseKind
    state: CaseState
    opened_at: datetime
    updated_at: datetime
    question: str = ""
    answer: str = ""
    #: beginning of the history's last link, to be checked on a public page; with the texts only
    receipt: str = ""
