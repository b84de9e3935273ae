"""Whatever Telegram may send: an `Inbound` that can be stored, nothing, or poison; never anything else."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.decode import PoisonError
from bot.model.inbound import Inbound
from tests.channels.telegram.test_decode import CASES, DECODER

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(alphabet=st.characters(), max_size=20),
    st.text(alphabet=st.sampled_from("\x00\ud800\udfff\u202ea/@ "), max_size=20),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [deeper for key, item in inside for deeper in places(item, (*path, key))]


@st.composite
def spoiled(draw: st.DrawFn) -> Any:
    """A recorded update with up to three of its parts replaced or taken out."""
    update = copy.deepcopy(CASES[draw(st.sampled_from(sorted(CASES)))][0])
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(places(update)))
        holder = update
        for step in way:
            holder = holder[step]
        if draw(st.booleans()) and isinstance(holder, dict):
            del holder[last]
        else:
            holder[last] = draw(JUNK)
        if not places(update):
            break
    return update


@given(spoiled())
def test_spoiled_updates(update: Any) -> None:
    try:
        inbound = DECODER.decode(update)
    except PoisonError as error:
        str(error).encode()
        DECODER.chat_of(update).chat.encode()
        return
    assert inbound is None or isinstance(inbound, Inbound)
    if inbound is not None:
        words = (inbound.text, inbound.press, inbound.start, inbound.sender_name, inbound.external_id, inbound.key.chat)
        assert all(isinstance(word, str) and "\x00" not in word for word in words)
        "".join(words).encode()
        int(inbound.key.chat)


@given(spoiled())
def test_what_is_read_straight_is_read_as_the_library_reads_it(update: Any) -> None:
    try:
        straight = DECODER._usual(update)
        whole = DECODER._any(update)
    except (KeyError, TypeError, ValueError, AttributeError, PoisonError):
        return
    assert straight == whole


def test_the_usual_is_read_straight() -> None:
    straight = 0
    for update, _expected in CASES.values():
        try:
            told = DECODER._usual(update)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        straight += 1
        assert told == DECODER.decode(update) == DECODER._any(update)
    assert straight >= 3


@given(JUNK)
def test_junk(junk: Any) -> None:
    try:
        DECODER.decode(junk)
    except PoisonError:
        return
