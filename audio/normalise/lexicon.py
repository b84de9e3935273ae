"""The reading tables: typed, checked and merged from `audio/lexicon/*.yaml` and a commune's own files.

A commune's file has the same shape as the tables and may hold any of `abbreviations`, `names`, `foreign`, `web.labels`::

    names:
      Ia Grai: i a rai        # written form -> how it is said; empty = known, leave it as it stands
    abbreviations:
      TTQ: to tu quan
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from audio.normalise.numerals import Numerals

TABLES = Path(__file__).resolve().parent.parent / "lexicon"
_OPEN_TABLES = frozenset({"abbreviations", "names", "foreign", "contexts", "web"})
_CLASSES = frozenset({"<number>", "<code>", "<name>", "<caps>", "<lower>", "<colon>", "<end>", "<start>"})


class LexiconError(ValueError):
    """A reading table is not as documented; the message says which file, key and why."""


@dataclass(frozen=True, slots=True)
class Sense:
    """One reading of an ambiguous abbreviation, taken when both sides fit (an empty side always fits)."""

    say: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    sure: bool = True  # False: the likeliest of several; said, and reported


@dataclass(frozen=True, slots=True)
class Documents:
    """Parts of document numbers, each part -> words."""

    types: Mapping[str, str]
    issuers: Mapping[str, str]
    offices: Mapping[str, str]
    prefixes: Mapping[str, str]
    fields: Mapping[str, str]
    standards: Mapping[str, str]
    terms: frozenset[str]
    levels: Mapping[str, str]
    lowest: frozenset[str]
    compounds: Mapping[str, str]
    pairs: frozenset[str]
    schools: Sequence[str]
    posts: Mapping[str, str]
    boards: frozenset[str]
    type_readings: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Symbols:
    """Signs: said before a number, between numbers or anywhere; drawn only; a pause; several characters long."""

    number: Mapping[str, str]
    between: Mapping[str, str]
    always: Mapping[str, str]
    silent: frozenset[str]
    pause: Mapping[str, str]
    phrases: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Everything the reader knows that is not a rule. Compared by identity; build it once and keep it."""

    numerals: Numerals
    letters: Mapping[str, str]
    cues: Mapping[str, frozenset[str]]
    units: Mapping[str, str]
    magnitudes: Mapping[str, str]
    currencies: Mapping[str, str]
    per_units: Mapping[str, str]
    symbols: Symbols
    documents: Documents
    abbreviations: Mapping[str, str]
    contexts: Mapping[str, tuple[Sense, ...]]
    foreign: Mapping[str, str]
    foreign_not_caps: frozenset[str]
    domains: frozenset[str]
    labels: Mapping[str, str]
    compass: Mapping[str, str]
    roads: Mapping[str, str]
    parts: tuple[str, ...]
    joining: frozenset[str]
    written: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, extra: Iterable[Path] = ()) -> Lexicon:
        """Read the built-in tables, then each file of `extra` over them.

        Raises LexiconError for an unreadable or misshapen table, OSError for a missing file.
        """
        built_in = _built_in()
        paths = tuple(extra)
        return _with(built_in, paths) if paths else built_in

    def is_foreign(self, word: str) -> bool:
        """True for a listed foreign word, unless its capitals make it a short form."""
        low = word.lower()
        return low in self.foreign and not (word.isupper() and low in self.foreign_not_caps)


@lru_cache(maxsize=1)
def _built_in() -> Lexicon:
    data: dict[str, Any] = {}
    for path in sorted(TABLES.glob("*.yaml")):
        for key, value in _table(path).items():
            if key in data:
                raise LexiconError(f"{path.name}: table {key!r} is already in another file")
            data[key] = value
    words: dict[str, Any] = data["numbers"]
    symbols, documents, web = data["symbols"], data["documents"], data["web"]
    numerals = Numerals(
        {k: v for k, v in words.items() if isinstance(v, str)}, tuple(words["digits"]), tuple(words["scales"])
    )
    return Lexicon(
        numerals=numerals,
        letters=data["letters"],
        cues={name: frozenset(values) for name, values in data["cues"].items()},
        units=data["units"],
        magnitudes=data["magnitudes"],
        currencies=data["currencies"],
        per_units=data["per_units"],
        symbols=Symbols(
            symbols["number"],
            symbols["between"],
            symbols["always"],
            frozenset(symbols["silent"]),
            symbols["pause"],
            symbols["phrases"],
        ),
        documents=Documents(
            documents["types"],
            documents["issuers"],
            documents["offices"],
            documents["prefixes"],
            documents["fields"],
            documents["standards"],
            frozenset(documents["terms"]),
            documents["levels"],
            frozenset(documents["lowest"]),
            documents["compounds"],
            frozenset(documents["pairs"]),
            tuple(documents["schools"]),
            documents["posts"],
            frozenset(documents["boards"]),
            documents["type_readings"],
        ),
        abbreviations=_words(data["abbreviations"], "abbreviations"),
        contexts=_contexts(data["contexts"], "contexts"),
        foreign=_words(data["foreign"], "foreign"),
        foreign_not_caps=frozenset(data["foreign_not_caps"]),
        domains=frozenset(web["top"]),
        labels=web["labels"],
        compass=data["compass"],
        roads=data["roads"],
        parts=tuple(data["parts"]),
        joining=frozenset(data["joining"]),
        written=data["written"],
    )


def _with(base: Lexicon, paths: Iterable[Path]) -> Lexicon:
    abbreviations, names = dict(base.abbreviations), dict(base.names)
    contexts, foreign, labels = dict(base.contexts), dict(base.foreign), dict(base.labels)
    for path in paths:
        table = _table(path)
        unknown = set(table) - _OPEN_TABLES
        if unknown:
            raise LexiconError(f"{path.name}: unknown tables {sorted(unknown)}; allowed are {sorted(_OPEN_TABLES)}")
        own = _words(table.get("abbreviations") or {}, path.name)
        for key in own:
            # the commune's word goes before the built-in readings of the same letters
            contexts.pop(key, None)
        abbreviations.update(own)
        contexts.update(_contexts(table.get("contexts") or {}, path.name))
        names.update(_words(table.get("names") or {}, path.name))
        foreign.update({k.lower(): v for k, v in _words(table.get("foreign") or {}, path.name).items()})
        labels.update(_words((table.get("web") or {}).get("labels") or {}, path.name))
    return replace(base, abbreviations=abbreviations, contexts=contexts, names=names, foreign=foreign, labels=labels)


# libyaml reads the tables some ten times faster; both loaders build plain data only
_Safe: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class _Strict(_Safe):  # type: ignore[misc]
    """Refuses a key given twice in one mapping: the second would silently win."""


def _mapping(loader: _Strict, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise LexiconError(f"line {key_node.start_mark.line + 1}: key {key!r} is given twice")
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _table(path: Path) -> dict[str, Any]:
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Strict)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, LexiconError) as error:
        raise LexiconError(f"{path.name}: {error}") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise LexiconError(f"{path.name}: a table file is a mapping of tables")
    return data


def _words(table: Mapping[Any, Any], where: str) -> dict[str, str]:
    if not isinstance(table, dict):
        raise LexiconError(f"{where}: expected written form -> spoken form")
    out: dict[str, str] = {}
    for key, value in table.items():
        if not isinstance(key, str) or not key.strip() or not isinstance(value, str | None):
            raise LexiconError(f"{where}: {key!r}: {value!r} is not text -> text (quote numbers and yes/no)")
        out[key] = value or ""
    return out


def _contexts(table: Mapping[Any, Any], where: str) -> dict[str, tuple[Sense, ...]]:
    out: dict[str, tuple[Sense, ...]] = {}
    for key, rules in table.items():
        senses: list[Sense] = []
        for rule in rules:
            said = {"say", "guess"} & set(rule) if isinstance(rule, dict) else set()
            if len(said) != 1 or set(rule) - {"before", "after"} != said or not isinstance(rule[min(said)], str):
                raise LexiconError(f"{where}: {key}: a rule has say or guess, and may have before and after")
            sides = [tuple(str(s) for s in rule.get(side) or ()) for side in ("before", "after")]
            odd = [s for side in sides for s in side if s.startswith("<") and s not in _CLASSES]
            if odd:
                raise LexiconError(f"{where}: {key}: unknown class {odd[0]}")
            senses.append(Sense(rule[min(said)], sides[0], sides[1], "say" in rule))
        out[str(key)] = tuple(senses)
    return out
