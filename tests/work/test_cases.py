"""From an opened case to what each may see of it, and to its erasure."""

from __future__ import annotations

from datetime import timedelta

from bot import cases as rules
from bot import people
from bot.model.case import CaseKind
from bot.model.codes import new_code
from bot.model.events import (
    CaseAdded,
    CaseOpened,
    ConsentGiven,
    ConsentWithdrawn,
    ContactLeft,
    ContactReturned,
    ProfileSaved,
    QuestionUnanswered,
    Said,
    Subscribed,
    Unsubscribed,
)
from bot.model.outbound import Outbound
from bot.model.session import Session
from bot.store import (
    Store,
    Tx,
    attachments,
    cases,
    contacts,
    conversations,
    jobs,
    ledger,
    outbox,
    questions,
)
from tests.harness.clock import Hands
from tests.harness.happenings import OPENED, PIN, happen, look
from tests.harness.talk import key


async def test_texts_need_the_same_chat_or_the_pin(store: Store, hands: Hands) -> None:
    mine = await happen(store, hands, OPENED)
    other = await happen(store, hands, chat="8")
    own = await look(store, mine, OPENED.code)
    assert own is not None
    assert own.question == OPENED.text
    state = await look(store, other, OPENED.code)
    assert state is not None
    assert (state.kind, state.state.value, state.question) == (CaseKind.FEEDBACK, "moi", "")
    wrong = await look(store, other, OPENED.code, "0000")
    right = await look(store, other, OPENED.code, PIN)
    assert wrong is not None
    assert right is not None
    assert (wrong.question, right.question) == ("", OPENED.text)


async def test_guesses_of_a_pin_end(store: Store, hands: Hands) -> None:
    await happen(store, hands, OPENED)
    for guess in range(rules.WRONG_PINS_MAX):
        guesser = await happen(store, hands, chat=f"guesser {guess}")
        await look(store, guesser, OPENED.code, f"{guess:04}", hands.at)
    late = await happen(store, hands, chat="late")
    shut = await look(store, late, OPENED.code, PIN, hands.at)
    assert shut is not None
    assert shut.question == ""
    hands.move(hours=2)
    opened = await look(store, late, OPENED.code, PIN, hands.at)
    assert opened is not None
    assert opened.question == OPENED.text


async def test_guesses_of_codes_end_for_who_guesses(store: Store, hands: Hands) -> None:
    await happen(store, hands, OPENED)
    guesser, other = await happen(store, hands, chat="8"), await happen(store, hands, chat="9")
    for guess in range(rules.WRONG_CODES_MAX):
        assert await look(store, guesser, f"{guess:07}", "", hands.at) is None
    assert await look(store, guesser, OPENED.code, "", hands.at) is None
    assert await look(store, other, OPENED.code, "", hands.at) is not None


async def test_one_case_for_all_who_ask_the_same(store: Store, hands: Hands) -> None:
    asks = [
        CaseOpened(
            new_code(name.encode()), CaseKind.CONFIRM_ENTRY, "xa-a", "Tiền điện", pin=PIN, join="entry:tien-dien:xa-a"
        )
        for name in ("a", "b", "c")
    ]
    first = await happen(store, hands, asks[0], asks[1])
    second = await happen(store, hands, asks[2], chat="8")
    async with store.read() as tx:
        assert await cases.count(tx) == 1
        held = await cases.by_codes(tx, [ask.code for ask in asks])
        assert {asking.case.id for asking in held.values()} == {held[asks[0].code].case.id}
        assert await cases.askers(tx, held[asks[0].code].case.id) == [first.id, second.id]
        assert await cases.askers_by_join(tx, ["entry:tien-dien:xa-a", "no"]) == {"entry:tien-dien:xa-a": 2}
        assert await cases.broken(tx, asks[2].code) is None
        views = await rules.of_conversations(tx, [second.id])
    # each has a code of their own for it
    assert [view.code for view in views[second.id]] == [asks[2].code]


async def test_the_chain_holds_and_shows_every_change(store: Store, hands: Hands) -> None:
    await happen(store, hands, OPENED)
    await happen(store, hands, CaseAdded(OPENED.code, "Nay mất tiếng hẳn"))
    async with store.write() as tx:
        assert await cases.broken(tx, OPENED.code) is None
        case_id = (await cases.by_codes(tx, [OPENED.code]))[OPENED.code].case.id
        await ledger.seal(tx, hands.at)
        await ledger.seal(tx, hands.at)
        answer = cases.Step(case_id, "answered", "can-bo", hands.at, "salt", {"text": "Thợ đến chiều nay"})
        await cases.record(tx, [answer], state="da-tra-loi")
        assert await cases.broken(tx, OPENED.code) is None
    for change, broken_at in (
        ("update case_history set payload = replace(payload, 'ba', 'hai') where step = 1", 1),
        ("update case_history set who = 'x' where step = 2", 2),
        ("update case_history set metadata = replace(metadata, 'added', 'opened') where step = 2", 2),
        ("delete from case_history where step = 2", 2),
        ("delete from case_history where step = 3", 3),
    ):
        async with store.engine.connect() as connection:
            await connection.exec_driver_sql(change)
            assert await cases.broken(Tx(connection, b""), OPENED.code) == broken_at, change
            await connection.rollback()
    async with store.read() as tx:
        mine = await conversations.find(tx, key())
        assert mine is not None
        view = (await rules.of_conversations(tx, [mine.id]))[mine.id][0]
    assert (view.question, view.answer, view.state.value) == (
        "Loa đầu thôn rè đã ba hôm\nNay mất tiếng hẳn",
        "Thợ đến chiều nay",
        "da-tra-loi",
    )


async def test_files_wait_for_a_job(store: Store, hands: Hands) -> None:
    await happen(store, hands, OPENED)
    async with store.write() as tx:
        (job,) = await jobs.claim(tx, [attachments.FETCH], hands.at, hands.at + timedelta(minutes=1), limit=5)
        row = await attachments.get(tx, job.args["attachment"])
    assert row is not None
    assert (row.ref, row.state, row.channel) == ("file-1", "waiting", "telegram")


async def test_consents_subscriptions_profile(store: Store, hands: Hands) -> None:
    who = await happen(
        store,
        hands,
        ConsentGiven("luu-ho-so", "v1"),
        ConsentGiven("nhan-tin", "v1"),
        ProfileSaved({"loai-ho": "ngheo"}),
        Subscribed(("bhyt", "nha-o"), "xa-a", "Đông"),
        session=Session(unit="xa-a", hamlet="Đông"),
    )
    assert who.contact_id is not None
    await happen(store, hands, ConsentGiven("nhan-tin", "v2"), Subscribed(("bhyt",), "xa-b"), Unsubscribed(("nha-o",)))
    async with store.read() as tx:
        agreed = await contacts.agreed(tx, who.contact_id)
        assert [(c.purpose, c.version, c.withdrawn_at is None) for c in agreed] == [
            ("luu-ho-so", "v1", True),
            ("nhan-tin", "v1", False),
            ("nhan-tin", "v2", True),
        ]
        assert await contacts.topics(tx, who.contact_id) == ["bhyt"]
        assert await contacts.profile(tx, who.contact_id) == ({"loai-ho": "ngheo"}, "xa-a", "Đông")
        kept = await people.kept(tx, who)
    assert kept["facts"] == ["loai-ho: ngheo"]
    assert kept["subscriptions"] == ["bhyt"]
    await happen(store, hands, ConsentWithdrawn())
    async with store.read() as tx:
        assert all(c.withdrawn_at for c in await contacts.agreed(tx, who.contact_id))
        assert await contacts.topics(tx, who.contact_id) == []
        assert (await contacts.profile(tx, who.contact_id))[0] == {}


async def test_who_never_consented_is_no_contact(store: Store, hands: Hands) -> None:
    who = await happen(store, hands, ConsentWithdrawn(), Unsubscribed(), QuestionUnanswered("xe máy", ("a",)))
    assert who.contact_id is None
    async with store.read() as tx:
        assert await questions.newest(tx) == [("", "xe máy", ["a"])]


async def test_leaving_and_coming_back(store: Store, hands: Hands) -> None:
    await happen(store, hands, Said(Outbound("chờ gửi")))
    gone = await happen(store, hands, ContactLeft())
    async with store.read() as tx:
        assert await outbox.states(tx) == {"gone": 1}
    back = await happen(store, hands, ContactReturned())
    assert (gone.is_gone, back.is_gone) == (True, False)


async def test_a_mailbox_shows_both_sides(store: Store, hands: Hands) -> None:
    await happen(store, hands, Said(Outbound("Chào bác")), channel="web")
    async with store.read() as tx:
        letters = await outbox.mailbox(tx, key("7", "web"))
        assert [(x.is_mine, x.outbound.text) for x in letters] == [(True, "…"), (False, "Chào bác")]
        assert await outbox.mailbox(tx, key("7", "web"), after=letters[0].id) == letters[1:]
        assert await outbox.mailbox(tx, key("7", "web"), before=letters[1].id) == letters[:1]
        assert await outbox.mailbox(tx, key("8", "web")) == []
        assert await outbox.states(tx) == {}
