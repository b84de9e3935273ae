"""Cases at the desk: the table of their pages."""

from __future__ import annotations

from desk.page import Page
from desk.pages import cases_acts, cases_entry, cases_list, cases_paper
from desk.pages.cases_list import PATH

#: reports of wrongdoing are read and handled by their keeper, everything else by whom the matter belongs to
READ, ACT = "case-read|case-keep", "case-answer|case-keep"
#: who helps households writes for them too, and reads nothing back
ENTER = f"{ACT}|household-enter"

PAGES: tuple[Page, ...] = (
    Page(PATH, READ, cases_list.listed),
    Page(f"{PATH}/ds", READ, cases_list.part),
    Page(f"{PATH}/tom-tat", READ, cases_list.summed),
    Page(f"{PATH}/cach-xem", READ, post=cases_list.save_view),
    Page(f"{PATH}/cach-xem/bo", READ, post=cases_list.drop_view),
    Page(f"{PATH}/moi", ENTER, cases_entry.form, cases_entry.enter),
    Page(f"{PATH}/ten", "identity-read", cases_entry.name_form, cases_entry.name),
    Page(f"{PATH}/{{code}}", READ, cases_paper.shown),
    Page(f"{PATH}/{{code}}/moi", READ, cases_paper.moved),
    Page(f"{PATH}/{{code}}/gan", ACT, cases_paper.near),
    Page(f"{PATH}/{{code}}/dang-mo", READ, post=cases_paper.present),
    Page(f"{PATH}/{{code}}/tep/{{number}}", READ, cases_paper.file),
    Page(f"{PATH}/{{code}}/phieu/{{number}}", READ, cases_paper.slip),
    Page(f"{PATH}/{{code}}/nhan", ACT, post=cases_acts.receive),
    Page(f"{PATH}/{{code}}/giao", ACT, post=cases_acts.assign),
    Page(f"{PATH}/{{code}}/chuyen", ACT, post=cases_acts.hand_over),
    Page(f"{PATH}/{{code}}/cho", ACT, post=cases_acts.wait),
    Page(f"{PATH}/{{code}}/lam-tiep", ACT, post=cases_acts.resume),
    Page(f"{PATH}/{{code}}/dong", ACT, post=cases_acts.close),
    Page(f"{PATH}/{{code}}/ghi-chu", ACT, post=cases_acts.write_note),
    Page(f"{PATH}/{{code}}/tra-loi", ACT, post=cases_acts.answer),
    Page(f"{PATH}/{{code}}/hoi", ACT, post=cases_acts.ask),
    Page(f"{PATH}/{{code}}/da-bao", ACT, post=cases_acts.tick),
    Page(f"{PATH}/{{code}}/gop", ACT, post=cases_acts.merge),
    Page(f"{PATH}/{{code}}/tach", ACT, post=cases_acts.part),
    Page(f"{PATH}/{{code}}/tep", ACT, post=cases_acts.attach, files=1),
    Page(f"{PATH}/{{code}}/giu-kin", ACT, post=cases_acts.keep_close),
    Page(f"{PATH}/{{code}}/chuyen-thong-tin", ACT, post=cases_acts.forward),
    Page(f"{PATH}/{{code}}/lien-quan", "case-keep", post=cases_acts.settle),
    Page(f"{PATH}/{{code}}/niem-phong", "case-keep", post=cases_acts.sealed),
    Page(f"{PATH}/{{code}}/ten", "identity-read", post=cases_acts.identity),
    Page(f"{PATH}/{{code}}/xoa", "identity-read", post=cases_acts.forget),
    Page(cases_entry.NOTICES, READ, cases_entry.notices_page, cases_entry.notices_link),
    Page(f"{cases_entry.NOTICES}/dung", READ, post=cases_entry.notices_stop),
)
