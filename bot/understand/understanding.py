"""Free text to an entry, an intent, a refusal, or an alarm. Pure, deterministic, no network."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from itertools import chain

from bot.library.schema.policy import Policy
from bot.library.schema.words import Alarm
from bot.understand.accents import Accents
from bot.understand.codes import Codes
from bot.understand.cues import Cues, alarm
from bot.understand.features import LONG, Evidence, Reader
from bot.understand.heads import Heads
from bot.understand.index import Index
from bot.understand.lexicon import Lexicon, Verbatim
from bot.understand.lines import Lines
from bot.understand.numbers import Numbers
from bot.understand.patterns import places, written_out
from bot.understand.phrases import Phrases
from bot.understand.reading import Kind, Reading, Scored
from bot.understand.signs import Signs
from bot.understand.tokens import Clause, Spelling, Token, token
from bot.understand.vocabulary import Shelf, Vocabulary

#: the day assumed where a caller gives none; only words like "next year" depend on it
SOME_DAY = date(2026, 11, 21)
_INTENT, _OUTSIDE, _ALARM, _NEXT_DOOR = "intent:", "outside:", "alarm:", "next-door:"
_REPORT = _INTENT + "bao-truc-loi"
_COMPLAINT, _PERSON = _INTENT + "phan-anh", _INTENT + "gap-nguoi"
#: a best score below this is no answer (chosen on the blind development set)
LEAST = 11.0
#: the same for an intent, which leads to a screen that can be left again
LEAST_INTENT = 9.0
#: an intent must lead what lies outside by this; an entry by so much where none of the word pairs is known from it, by
#: less where most are: who asks next door says the entry's words together with others (chosen on questions that no
#: entry answers and that stand beside one, against those that one answers)
BESIDE_INTENT, BESIDE_STRANGE = 1.5, 9.0
#: in a text of more words than this everything scores more, and what is right leads by more
RAMBLING, LEAST_RAMBLING, BESIDE_RAMBLING = 40, 16.0, 9.0
#: score of a text of so few words of which one means something: little was said, so little can speak for an entry
LEAST_SHORT, SHORT = 8.0, 3
#: a text of so few words only names a thing: what is strange about it says less
NAMED, STRANGE_NAMED = 5, 4.0
#: what a short question with a word new to an entry must score more for it the stranger it is, beside nothing outside
LEAST_STRANGE = 10.0
#: how strange a question counts at most to what the commune answered itself: such an answer has few ways of asking
STRANGE_TOLD = 0.5
#: a best score below this, or a lead below `LEAD`, is offered as buttons: on questions written by other hands a first
#: place with less lead was right in two of three cases only, with more in 98 of 100
SURE, LEAD = 14.0, 5.0
#: share of the best score with which a third is shown: below it none of 1,500 was the right one on the blind sets but
#: `fifth`, and many looked silly
THIRD = 0.61
#: the least score of what is told like a danger or a fraud, without any rule for it, and its least lead: little where
#: a life may hang on it, more for a fraud, most where something is asked
LEAST_ALARM, LEAD_DANGER, LEAD_FRAUD, LEAD_ASKED = 9.0, 1.0, 2.0, 5.0
#: how far it may stand behind the entry it leads to itself, which is told of in the same words
BEHIND_ANSWER = 4.0
#: where all else is refused and nothing is asked, a danger told so much, so little behind the best, is not passed over
LEAST_CLOSE, CLOSE = 12.0, 1.0
#: what an area outside scores at least when its own words turn a question away from the entries
TURNED_AWAY = 15.0
#: how surely such words must be said, and in how many of the last sentences of a story
SURELY, ASKED_IN = 0.3, 2
#: an entry that leads every area outside by this, in a question of more words than this, is asked for all the same: who
#: tells a story says neighbours' words in passing (of 576 questions turned away one was wrongly kept by it, and thirteen
#: of the twenty that an entry answers came back)
ASKED_ALL_THE_SAME, IN_PASSING = 13.0, 12
#: a refusal names the two nearest where the best scores so much and leads all outside by so much: on the blind sets they
#: stood beside 35 of 1,088 refusals that were right, and held the answer in half of those that were wrong. In a story
#: more is said, and in a rambling one something always is near
NEAR, NEAR_TOLD, NEAR_LEAD, NEAREST = 14.0, 20.0, 2.0, 2
#: alarms that step back where something is asked and an entry leads all that is told like an alarm by this: what is over
#: is told on the way to a question (of 440 told as dangers none led by more than 19). Children, blows and despair never
STEPPING_BACK, FAR_AHEAD = frozenset({"cuu-giup", "doi", "dang-chay"}), 25.0
#: the same for a fraud, whether something is asked or not (of 190 told as frauds one led by more than 10)
FRAUD_AHEAD = 10.0
#: concepts of `words-concepts` that the code relies on: question words, and person words that may carry an age
ASKING, PERSON = frozenset({"hoi", "hoi-muc", "hoi-noi", "hoi-cach", "hoi-khi-nao", "hoi-giay-to"}), "nguoi-gia"


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: a build only makes things that stay, and looking through them costs a fifth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Understanding:
    """Reads what people type against one library."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        phrases: dict[str, list[str]],
        told: Iterable[str] = (),
        policies: Mapping[str, Policy] | None = None,
    ) -> None:
        self._vocabulary = vocabulary
        self._lines = Lines(policies or {})
        self._years = frozenset(span.concept for span in vocabulary.numbers.years)
        #: what a unit answered or announced itself: also where the library has nothing
        self._told = frozenset(told)
        self._spelling = Spelling(vocabulary.spelling.short, vocabulary.numbers.glued)
        concepts = [
            *vocabulary.concepts.concepts.items(),
            *vocabulary.situations.concepts.items(),
            *vocabulary.danger.concepts.items(),
        ]
        empty = frozenset(token(w).folded for w in vocabulary.spelling.empty)
        self._heads = Heads(
            vocabulary.heads, self._spelling, {*phrases, *(_INTENT + n for n in vocabulary.intents.intents)}
        )
        self._codes = Codes(vocabulary.numbers.digits)
        everything = dict(phrases)
        for name, examples in vocabulary.intents.intents.items():
            everything[_INTENT + name] = list(examples)
        for name, examples in vocabulary.outside.areas.items():
            everything[_OUTSIDE + name] = list(examples)
        for name, examples in vocabulary.danger.told.items():
            everything[_ALARM + name] = list(examples)
        read = {
            entry: [self._spelling.clauses(p, ours=True) for p in examples] for entry, examples in everything.items()
        }
        # the same few words stand in many patterns
        tokens = cache(self._words)
        said = [(name, [written_out(pattern, tokens) for pattern in patterns]) for name, patterns in concepts]
        own = (c.tokens for examples in read.values() for clauses in examples for c in clauses)
        accents = Accents(chain(own, (words for _, patterns in said for words, _ in patterns)))
        words = [(name, phrase) for name, patterns in said for _, phrases in patterns for phrase in phrases]
        only_heard = [
            *vocabulary.danger.signs.items(),
            *((f"{_NEXT_DOOR}{at}", n.said) for at, n in enumerate(vocabulary.outside.neighbours)),
        ]
        signs = [(name, places(pattern, tokens)) for name, patterns in only_heard for pattern in patterns]
        figures = Numbers(vocabulary.numbers)
        self._reader = Reader(
            Lexicon(words, accents),
            Signs(signs, accents),
            accents,
            figures,
            empty=empty,
            asking=ASKING,
            person=PERSON,
        )
        ours = Phrases(Verbatim(words), figures, SOME_DAY, empty=empty, person=PERSON)
        # what is read is let go of while the index grows
        self._index = Index(((entry, map(ours.read, read.pop(entry))) for entry in everything), ours.names)
        self._known = frozenset(everything)
        self._cues = Cues(c for c in vocabulary.cues.cues if self._known.issuperset(c.to))

    def _words(self, phrase: str) -> tuple[Token, ...]:
        return tuple(t for clause in self._spelling.clauses(phrase, ours=True) for t in clause.tokens)

    @classmethod
    def build(cls, library: Shelf) -> Understanding:
        """Understanding of a library: its entries' titles, `asked_as` and the word files."""
        phrases: dict[str, list[str]] = {}
        for policy in library.policies.values():
            phrases[policy.id] = [policy.title, policy.short, *policy.asked_as]
        for story in library.stories.values():
            phrases[story.id] = [story.title, story.short, *story.asked_as]
        for told in (*library.faq.values(), *library.announcements.values()):
            phrases[told.id] = [told.title, told.short, *told.asked_as]
        for entry, added in library.words.items():
            phrases.get(entry, []).extend(added)
        own = {*library.faq, *library.announcements}
        with _uncollected():
            return cls(Vocabulary.of(library), phrases, own, library.policies)

    def evidence(self, text: str, today: date = SOME_DAY) -> Evidence:
        """What a text gives as evidence."""
        return self._reader.read(self._spelling.clauses(text), today)

    def read(self, text: str, today: date = SOME_DAY, without: Collection[str] = ()) -> Reading:
        """One text understood as of a day; entries `without` are passed over: another commune's answers, past news."""
        clauses = self._spelling.clauses(text)
        evidence = self._reader.read(clauses, today)
        ringing = alarm(self._vocabulary.danger.alarms, evidence.spoken)
        if code := self._codes.find(text, [t for c in clauses for t in c.tokens]):
            return Reading(Kind.CODE, (Scored("intent:tra-cuu-ma", SURE),), "tra-cuu-ma", code=code, why=("code",))
        everything = self._ranked(evidence)
        ranked = [s for s in everything if s.id not in without and not s.id.startswith(_ALARM)]
        asks = not ASKING.isdisjoint(evidence.concepts)
        if ringing is not None and _over(ringing, everything, asks=asks):
            ringing = None
        elif ringing is None:
            ringing = self._alike(everything, asks=asks)
        if ringing is not None:
            return self._rung(ringing, ranked, evidence)
        own = bool(ranked) and ranked[0].id in self._told
        if not own and (named := self._named(clauses, without)) is not None:
            return named
        if (area := self._next_door(evidence)) is not None and not _asked_all_the_same(ranked, evidence.words):
            ranked = _turned_away(ranked, area, self._told)
        refused = not ranked or self._refused(ranked, evidence)
        if refused and not asks and (told := self._close(everything)) is not None:
            near = [s for s in ranked if s.id != _PERSON and not s.id.startswith(_OUTSIDE)]
            shown = (Scored(_PERSON, 2 * SURE), *near[:NEAREST])
            return Reading(Kind.DANGER, shown, sub=told.id, why=(f"alarm:{told.id}",))
        if refused:
            why = self._why(evidence, ranked[0].id) if ranked else ()
            return Reading(Kind.REFUSE, _near(ranked, evidence.words), why=why)
        return self._answered(ranked, evidence, today)

    def _rung(self, ringing: Alarm, ranked: list[Scored], evidence: Evidence) -> Reading:
        """Danger or fraud, with what may be shown beside it."""
        if ringing.kind == "fraud":
            # the warning is the answer; a policy beside it would lend the cheat its name. Reporting is what is left
            ranked = [s for s in ranked if s.id == _REPORT and s.score >= LEAST_INTENT]
        elif ranked and self._refused(ranked, evidence):
            ranked = []
        if ringing.answer:
            others = [s for s in ranked if s.id != ringing.answer]
            shown = (Scored(ringing.answer, 2 * SURE), *_shown(others))[:3]
        else:
            shown = _shown(ranked)
        heard = sorted({c for sentence in evidence.spoken for c in sentence})
        return Reading(Kind(ringing.kind), shown, sub=ringing.id, why=(f"alarm:{ringing.id}", *heard))

    def _answered(self, ranked: list[Scored], evidence: Evidence, today: date) -> Reading:
        """What is not refused: sure of one, or a choice."""
        why = self._why(evidence, ranked[0].id)
        if self._years.isdisjoint(evidence.concepts):
            ranked = self._lines.as_of(ranked, today, LEAD)
        first = ranked[0]
        shown = _shown(ranked)
        second = self._lines.beside(ranked)
        lead = first.score - second.score
        if first.id.startswith(_INTENT):
            # two intents lead to screens that can be left again; an entry beside an intent is worth a question
            clear = lead >= LEAD / 2 or second.id.startswith(_INTENT)
            return Reading(Kind.INTENT if clear else Kind.UNSURE, shown, first.id.removeprefix(_INTENT), why=why)
        return Reading(Kind.ANSWER if first.score >= SURE and lead >= LEAD else Kind.UNSURE, shown, why=why)

    def _named(self, clauses: Sequence[Clause], without: Collection[str]) -> Reading | None:
        """What a message leads to that only names a thing."""
        head = self._heads.meant([t for c in clauses for t in c.tokens])
        told = tuple(Scored(t, 2 * SURE) for t in head.to if t not in without) if head else ()
        if head is None or not told:
            return None
        only = told[0].id if len(told) == 1 and head.topic is None else ""
        kind = Kind.INTENT if only.startswith(_INTENT) else Kind.ANSWER if only else Kind.UNSURE
        return Reading(
            kind, told, only.removeprefix(_INTENT) if kind is Kind.INTENT else "", topic=head.topic or "", why=("head",)
        )

    def _alike(self, ranked: list[Scored], *, asks: bool) -> Alarm | None:
        """The alarm that is told of most like this, where it is clearly told of rather than something asked for."""
        first = next((s for s in ranked if s.id.startswith(_ALARM)), None)
        if first is None or first.score < LEAST_ALARM or ranked[0].score - first.score > BEHIND_ANSWER:
            return None
        name = first.id.removeprefix(_ALARM)
        told = next((a for a in self._vocabulary.danger.alarms if a.id == name), None)
        if told is None:
            return None
        # a danger is told of in the words of what it leads to, and of a complaint; a fraud in those of a report of it
        akin = (told.answer, _COMPLAINT) if told.kind == "danger" else ()
        other = next((s.score for s in ranked if not s.id.startswith(_ALARM) and s.id not in akin), 0.0)
        least = LEAD_ASKED if asks else LEAD_DANGER if told.kind == "danger" else LEAD_FRAUD
        return told if first.score - other >= least else None

    def _close(self, everything: list[Scored]) -> Alarm | None:
        """The danger that is told of nearly as much as anything else, where nothing else is answered."""
        first = next((s for s in everything if s.id.startswith(_ALARM)), None)
        if first is None or first.score < LEAST_CLOSE or everything[0].score - first.score > CLOSE:
            return None
        if any(s.id.startswith(_OUTSIDE) and first.score - s.score < LEAD_DANGER for s in everything):
            return None
        name = first.id.removeprefix(_ALARM)
        return next((a for a in self._vocabulary.danger.alarms if a.id == name and a.kind == "danger"), None)

    def _next_door(self, evidence: Evidence) -> str | None:
        """The area outside that the question is really about, though an entry shares its words."""

        def said(concepts: Iterable[str]) -> bool:
            return any(sentence.get(c, 0.0) > SURELY for c in concepts for sentence in evidence.spoken)

        asked = evidence.spoken if evidence.words <= LONG else evidence.spoken[-ASKED_IN:]
        for at, neighbour in enumerate(self._vocabulary.outside.neighbours):
            sign = f"{_NEXT_DOOR}{at}"
            heard = any(sentence.get(sign, 0.0) > SURELY for sentence in asked)
            if heard and (not neighbour.beside or said(neighbour.beside)) and not said(neighbour.unless):
                return neighbour.area
        return None

    def _refused(self, ranked: list[Scored], evidence: Evidence) -> bool:
        """Whether too little speaks for the best, or too much for something the library does not answer."""
        first = ranked[0]
        if first.id.startswith(_OUTSIDE):
            return True
        intent = first.id.startswith(_INTENT)
        strange = 0.0 if intent else self._index.strange(evidence.features, first.id)
        own = first.id in self._told
        if own:
            strange = min(strange, STRANGE_TOLD)
        more = 0.0 if own or intent or self._index.knows(evidence.features, first.id) else LEAST_STRANGE * strange
        if first.score < self._least(evidence, more, intent=intent):
            return True
        outside = next((s.score for s in ranked if s.id.startswith(_OUTSIDE)), 0.0)
        if outside < LEAST_SHORT:
            return False
        if evidence.words > RAMBLING:
            beside = BESIDE_RAMBLING
        elif intent:
            beside = BESIDE_INTENT
        else:
            beside = strange * (STRANGE_NAMED if evidence.words <= NAMED else BESIDE_STRANGE)
        return first.score - outside < beside

    @staticmethod
    def _least(evidence: Evidence, more: float, *, intent: bool) -> float:
        """The least score with which the best is an answer."""
        if evidence.words > RAMBLING:
            return LEAST_RAMBLING
        if evidence.words <= SHORT and evidence.concepts:
            return LEAST_SHORT
        if intent:
            return LEAST_INTENT
        return LEAST + (more if NAMED < evidence.words <= LONG else 0.0)

    def ranked_ids(self, text: str, today: date = SOME_DAY) -> list[str]:
        """Ids best first; a refusal is `["none"]`, followed by what is shown beside it as near."""
        reading = self.read(text, today)
        return ["none", *reading.ids] if reading.kind is Kind.REFUSE else list(reading.ids) or ["none"]

    def _ranked(self, evidence: Evidence) -> list[Scored]:
        scores = self._index.scores(evidence.features)
        self._cues.add_up(evidence.concepts, scores, story=evidence.words > LONG)
        return [Scored(i, round(s, 4)) for i, s in sorted(scores.items(), key=lambda x: (-x[1], x[0]))]

    def _why(self, evidence: Evidence, entry: str) -> tuple[str, ...]:
        return self._index.because(evidence.features, entry)


def _over(ringing: Alarm, ranked: list[Scored], *, asks: bool) -> bool:
    """Whether what rang is only told on the way to a question for an entry, other than the one the alarm leads to."""
    first = ranked[0] if ranked else Scored("", 0.0)
    lead = first.score - max((s.score for s in ranked if s.id.startswith(_ALARM)), default=0.0)
    if first.id == ringing.answer or ":" in first.id:
        return False
    if ringing.kind == "fraud":
        return lead >= FRAUD_AHEAD
    return asks and ringing.id in STEPPING_BACK and lead >= FAR_AHEAD


def _asked_all_the_same(ranked: list[Scored], words: int) -> bool:
    """Whether an entry is asked for so clearly that words of next door were said in passing."""
    if words <= IN_PASSING or not ranked or ":" in ranked[0].id:
        return False
    outside = max((s.score for s in ranked if s.id.startswith(_OUTSIDE)), default=0.0)
    return ranked[0].score - outside >= ASKED_ALL_THE_SAME


def _turned_away(ranked: list[Scored], area: str, own: Collection[str]) -> list[Scored]:
    """The ranking without its entries, led by an area outside unless something the bot does is asked for clearly, or
    what a unit answered itself.
    """
    told = _OUTSIDE + area
    kept = [s for s in ranked if s.id != told and (s.id in own or s.id.startswith((_INTENT, _OUTSIDE)))]
    score = max([TURNED_AWAY, *(s.score for s in ranked if s.id == told)])
    return sorted([*kept, Scored(told, score)], key=lambda s: (-s.score, s.id))


def _near(ranked: list[Scored], words: int) -> tuple[Scored, ...]:
    """What may be shown beside a refusal: nothing where something outside is asked for as clearly."""
    if not ranked or ranked[0].id.startswith(_OUTSIDE) or words > RAMBLING:
        return ()
    if ranked[0].score < (NEAR_TOLD if words > LONG else NEAR):
        return ()
    outside = next((s.score for s in ranked if s.id.startswith(_OUTSIDE)), 0.0)
    if ranked[0].score - outside < NEAR_LEAD:
        return ()
    return tuple(s for s in ranked if not s.id.startswith(_OUTSIDE))[:NEAREST]


def _shown(ranked: list[Scored]) -> tuple[Scored, ...]:
    """The best that may be shown: two, and a third where enough speaks for it."""
    kept = tuple(s for s in ranked if not s.id.startswith(_OUTSIDE))[:3]
    return kept if len(kept) < 3 or kept[2].score >= THIRD * kept[0].score else kept[:2]
