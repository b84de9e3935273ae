"""Which model reads which file. A new kind is one line here."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

from bot.library.schema.answers import Announcement, AnswerWords, EntryWords, Faq
from bot.library.schema.calendar import CalendarYear
from bot.library.schema.casework import AnswerTemplates, CaseLikeness, CaseRules, ConflictWords
from bot.library.schema.flow import Flow
from bot.library.schema.loudspeaker import Loudspeaker
from bot.library.schema.phrases import BasisPhrases, Groups, Guards, Household, Likeness, Measures, PlaceTitles, Stamps
from bot.library.schema.plan import Plan
from bot.library.schema.policy import Policy
from bot.library.schema.says import Consents, Controls, Says
from bot.library.schema.story import Story
from bot.library.schema.topic import Topic
from bot.library.schema.unit import Unit
from bot.library.schema.words import WORD_KINDS

#: folder of `content/` -> model; each record has an `id` equal to its file's name
FOLDERS: Final[dict[str, type[BaseModel]]] = {
    "policies": Policy,
    "stories": Story,
    "faq": Faq,
    "announcements": Announcement,
    "words": EntryWords,
    "topics": Topic,
    "plans": Plan,
    "units": Unit,
    "flows": Flow,
    "calendar": CalendarYear,
}

#: `kind:` of a file in `content/phrases/` -> model; several files of one kind are merged
PHRASES: Final[dict[str, type[BaseModel]]] = {
    "measures": Measures,
    "groups": Groups,
    "household": Household,
    "likeness": Likeness,
    "basis": BasisPhrases,
    "guards": Guards,
    "stamps": Stamps,
    "answers": AnswerWords,
    "places": PlaceTitles,
    "loudspeaker": Loudspeaker,
    "says": Says,
    "controls": Controls,
    "consents": Consents,
    "case-rules": CaseRules,
    "conflict-words": ConflictWords,
    "answer-templates": AnswerTemplates,
    "case-likeness": CaseLikeness,
    **WORD_KINDS,
}
#: the same, read the other way
KIND_OF: Final = {model: kind for kind, model in PHRASES.items()}

#: folders whose records answer a household; their ids share one space
ENTRIES: Final = ("policies", "stories", "faq", "announcements")

#: phrase kinds the library and its check cannot work without
NEEDED: Final = ("measures", "stamps", "basis", "guards")
