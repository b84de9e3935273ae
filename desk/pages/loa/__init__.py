"""Bulletins at the desk: the week, one bulletin's paper, recordings, voices, the broadcast log."""

from __future__ import annotations

from desk.page import Page
from desk.pages.loa import acts, items, log, paper, reading, recording, voices, week
from desk.pages.loa.recording import RECORDING_BYTES

#: who makes, approves or plays bulletins
_ANY = "broadcast-write|broadcast-approve|clip-record"
_TIN = "/ban/loa/tin/{bulletin}"
_BAI = f"{_TIN}/bai/{{item}}"

PAGES: tuple[Page, ...] = (
    Page("/ban/loa", _ANY, week.shown),
    Page("/ban/loa/tuan", _ANY, week.part),
    Page("/ban/loa/soan", "broadcast-write", post=week.draft),
    Page("/ban/loa/moi", "broadcast-write", week.form, week.create),
    Page("/ban/loa/so", "report-read", log.shown),
    Page("/ban/loa/so/tep", "report-read", log.export),
    Page("/ban/loa/so/{airing}/phat", "clip-record", post=log.aired),
    Page("/ban/loa/so/{airing}/chua", "clip-record", post=log.not_aired),
    Page("/ban/loa/goi/{unit}/{day}", "clip-record", log.bundle),
    Page("/ban/loa/giong", "broadcast-write", voices.shown),
    Page("/ban/loa/giong/lai", "broadcast-write", post=voices.again),
    *reading.PAGES,
    Page(_TIN, _ANY, paper.shown),
    Page(f"{_TIN}/tinh", _ANY, paper.part),
    Page(f"{_TIN}/nghe/{{sound}}", _ANY, paper.sound),
    Page(f"{_TIN}/sua", "broadcast-write", items.details_form, items.details),
    Page(f"{_TIN}/xep", "broadcast-write", post=items.arrange),
    Page(f"{_TIN}/them", "broadcast-write", items.choice, items.add),
    Page(_BAI, "broadcast-write", items.written, items.write),
    Page(f"{_BAI}/thu", "broadcast-write", recording.kit, recording.cut),
    Page(
        f"{_BAI}/thu/{{line}}", "broadcast-write", recording.heard, recording.take, files=2, bytes_most=RECORDING_BYTES
    ),
    Page(f"{_BAI}/thu/{{line}}/nhan", "broadcast-write", post=recording.accept),
    Page(f"{_BAI}/thu/{{line}}/bo", "broadcast-write", post=recording.drop),
    Page(f"{_TIN}/tieng", "broadcast-write", post=acts.order_sound),
    Page(f"{_TIN}/trinh", "broadcast-write", post=acts.hand_in),
    Page(f"{_TIN}/bo", "broadcast-write", post=acts.drop),
    Page(f"{_TIN}/duyet", "broadcast-approve", post=acts.approve),
    Page(f"{_TIN}/tra", "broadcast-approve", post=acts.send_back),
    Page(f"{_TIN}/rut", "broadcast-write|broadcast-approve", post=acts.withdraw),
)
