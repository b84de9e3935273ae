"""The rule on objects and the rule in queries are one; time, place and topic bound it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, Text, case, cast, literal, select, union_all

from bot import rights
from bot.model.official import Assignment, Delegation, Official, OfficialState
from bot.store import Store
from bot.store.rights import visible

ON = date(2026, 11, 21)
TREE = {"tinh-b": None, "xa-a": "tinh-b", "xa-c": "tinh-b", "xa-d": None}
UNITS, HAMLETS, TOPICS = ["", *TREE, "xa-la"], ["", "thon-1", "thon-2"], [None, "", "bhyt", "vay-von"]
DAYS = st.integers(-2, 2).map(lambda n: ON + timedelta(days=n))

assignments = st.builds(
    Assignment,
    id=st.just(1),
    role=st.sampled_from(list(rights.roles())),
    unit=st.sampled_from(["", *TREE]),
    hamlet=st.sampled_from(HAMLETS),
    topics=st.lists(st.sampled_from(["bhyt", "vay-von"]), max_size=2).map(tuple),
    is_chair=st.booleans(),
    since=DAYS,
    until=st.none() | DAYS,
)
delegations = st.builds(
    Delegation,
    id=st.just(1),
    unit=st.sampled_from(["", *TREE]),
    topics=st.lists(st.sampled_from(["bhyt", "vay-von"]), max_size=2).map(tuple),
    document=st.just("1/QD"),
    since=DAYS,
    until=DAYS,
)
people = st.builds(
    Official,
    id=st.just(7),
    login=st.just("a"),
    name=st.just("A"),
    state=st.sampled_from(OfficialState),
    assignments=st.lists(assignments, max_size=3).map(tuple),
    delegations=st.lists(delegations, max_size=2).map(tuple),
)
objects = st.tuples(
    st.sampled_from(UNITS), st.sampled_from(HAMLETS), st.sampled_from(TOPICS), st.sampled_from([None, 7, 8])
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(who=people, things=st.lists(objects, min_size=1, max_size=6))
async def test_queries_see_what_may_be_seen(store: Store, who: Official, things: list[tuple]) -> None:  # type: ignore[type-arg]
    who = rights.standing(who, TREE, ON)
    table = union_all(
        *(
            select(
                literal(n).label("n"),
                cast(literal(unit), Text).label("unit"),
                cast(literal(hamlet), Text).label("hamlet"),
                cast(topic, Text).label("topic"),
                cast(author, Integer).label("author"),
            )
            for n, (unit, hamlet, topic, author) in enumerate(things)
        )
    ).subquery()
    c = table.c
    seen = [
        case((visible(who, action, unit=c.unit, hamlet=c.hamlet, topic=c.topic, author=c.author), 1), else_=0)
        for action in rights.actions()
    ]
    async with store.read() as tx:
        rows = {row[0]: row[1:] for row in await tx.rows(select(c.n, *seen))}
    for n, (unit, hamlet, topic, author) in enumerate(things):
        may = tuple(
            int(rights.may(who, action, unit=unit, hamlet=hamlet, topic=topic, author=author))
            for action in rights.actions()
        )
        assert rows[n] == may


def official(*held: Assignment, lent: tuple[Delegation, ...] = ()) -> Official:
    return rights.standing(Official(7, "a", "A", OfficialState.ACTIVE, held, lent), TREE, ON)


def held(role: str, unit: str, *topics: str, is_chair: bool = False, until: date | None = None) -> Assignment:
    return Assignment(1, role, unit, "", topics, is_chair, date(2026, 1, 1), until)


def test_a_province_reaches_its_communes() -> None:
    who = official(held("can-bo-xu-ly", "tinh-b"))
    assert [u for u in TREE if rights.may(who, "case-read", unit=u, topic="bhyt")] == ["tinh-b", "xa-a", "xa-c"]


def test_a_topic_bounds_only_what_has_topics() -> None:
    who = official(held("can-bo-xu-ly", "xa-a", "bhyt"))
    assert rights.may(who, "case-read", unit="xa-a", topic="bhyt")
    assert not rights.may(who, "case-read", unit="xa-a", topic="vay-von")
    assert not rights.may(who, "case-read", unit="xa-a")
    assert rights.may(who, "units", unit="xa-a")


def test_a_deputy_signs_only_within_dates_and_place_of_the_delegation() -> None:
    deputy = held("lanh-dao", "tinh-b")
    assert not rights.may_anywhere(official(deputy), "entry-sign")
    for since, until, holds in ((0, 0, True), (-5, -1, False), (1, 9, False)):
        lent = (Delegation(1, "xa-a", ("bhyt",), "1/QD", ON + timedelta(since), ON + timedelta(until)),)
        who = official(deputy, lent=lent)
        assert rights.may(who, "entry-sign", unit="xa-a", topic="bhyt") is holds
        assert not rights.may(who, "entry-sign", unit="xa-c", topic="bhyt")
        assert not rights.may(who, "entry-sign", unit="xa-a", topic="vay-von")


def test_a_role_that_ran_out_gives_nothing() -> None:
    assert official(held("lanh-dao", "xa-a", until=ON - timedelta(1))).reach == {}


def test_a_delegation_alone_gives_nothing() -> None:
    who = official(held("can-bo-xu-ly", "xa-a"), lent=(Delegation(1, "xa-a", (), "1/QD", ON, ON),))
    assert not rights.may_anywhere(who, "entry-sign")


def test_an_action_nobody_knows_is_a_fault_of_the_code() -> None:
    with pytest.raises(KeyError):
        rights.may(official(), "fly", unit="xa-a")
