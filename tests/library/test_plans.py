"""The five plans, as far as dates and bodies can be told from the documents."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from bot.library import Library
from bot.library.schema.plan import DayOfYear


def test_the_five_plans_are_there_with_their_places(real: Library) -> None:
    assert {plan.unit for plan in real.plans.values()} == {
        "xa-tu-ky",
        "tinh-dak-lak",
        "tinh-an-giang",
        "xa-muong-ang",
        "xa-dak-doa",
    }
    for plan in real.plans.values():
        items = [
            *plan.target_groups,
            *plan.contents,
            *plan.forms,
            *plan.tasks,
            *plan.reports,
            *plan.money,
            *plan.campaigns,
        ]
        assert all(item.place.startswith(("Mục", "Đoạn kết")) for item in items)
        for kind in (plan.contents, plan.forms, plan.tasks, plan.reports, plan.money, plan.target_groups):
            assert len({item.id for item in kind}) == len(kind)
        assert plan.reports
        assert plan.money


def test_dak_doa_has_number_dates_and_campaign(real: Library) -> None:
    plan = real.plan("dak-doa-2022-2025")
    assert plan.number == "84/KH-UBND"
    assert plan.issued_on == date(2022, 10, 27)
    due = {(r.cycle, r.before.day, r.before.month) for r in plan.reports if r.before}
    assert due == {("half-year", 20, 5), ("year", 30, 10)}
    (campaign,) = plan.campaigns
    assert campaign.starts == DayOfYear(day=17, month=10)
    assert campaign.ends == DayOfYear(day=18, month=11)


def test_tu_ky_reports_before_the_tenth_of_november(real: Library) -> None:
    yearly = [r for r in real.plan("tu-ky-2023-2025").reports if r.before]
    assert [(r.before.day, r.before.month, r.internal) for r in yearly if r.before] == [(10, 11, True)]


def test_muong_ang_names_lead_doing_and_coordinating_bodies(real: Library) -> None:
    task = next(task for task in real.plan("muong-ang-2024").tasks if task.id == "phat-song")
    assert task.lead
    assert task.doing
    assert task.coordinating == ("UBND các xã, thị trấn",)


def test_a_day_of_the_year_exists() -> None:
    with pytest.raises(ValidationError):
        DayOfYear(day=31, month=4)
    assert DayOfYear(day=29, month=2).in_year(2027) == date(2027, 2, 28)
    assert DayOfYear(day=29, month=2).in_year(2028) == date(2028, 2, 29)
