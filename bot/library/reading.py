"""YAML in, plain data out. Stricter than YAML 1.1, so that what an official types is what is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable
from typing import Any

import yaml

from bot.library.faults import Fault, fault

#: nothing an official writes nests deeper; a deeper file would only exhaust the reader
_DEEPEST = 40
#: a content file is a page or two; the words files are the largest
_LARGEST_BYTES = 2_000_000

#: a key or a position on the way to a node
Step = str | int


class _Loader(yaml.CSafeLoader):
    """Safe loader without YAML 1.1's surprises: `no` and `on` stay words, 0912 and 7:30 stay text, no aliases."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own interface

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None:
                raise yaml.constructor.ConstructorError(None, None, "key is no scalar", key_node.start_mark)
            if key in seen:
                raise _TwiceError(key, _line(key_node.start_mark))
            seen.add(key)
        return super().construct_mapping(node, deep)


class _TwiceError(Exception):
    def __init__(self, key: str, line: int) -> None:
        self.key, self.line = key, line
        super().__init__(key)


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^-?(?:0|[1-9][0-9]{0,17})$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,9}$", "-0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("timestamp", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def parse(raw: bytes, path: str) -> tuple[dict[str, Any] | None, list[Fault]]:
    """The mapping a file holds, or the faults that keep it from being read. Never raises for bad input.

    `path` is only told in the faults.
    """
    if len(raw) > _LARGEST_BYTES:
        return None, [fault("too_large", path, limit=_LARGEST_BYTES // 1_000_000)]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [fault("not_utf8", path, raw[: error.start].count(b"\n") + 1)]
    try:
        if line := _too_deep(text):
            return None, [fault("too_deep", path, line)]
        data = yaml.load(text, _Loader)  # noqa: S506 - a safe loader, see the class
    except _TwiceError as error:
        return None, [fault("key_twice", path, error.line, name=error.key)]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return None, [fault("not_yaml", path, _line(mark), problem=error.problem or "")]
    except yaml.YAMLError:
        return None, [fault("not_yaml", path, 0, problem="")]
    except (ValueError, OverflowError) as error:
        return None, [fault("bad_scalar", path, 0, problem=str(error))]
    if not isinstance(data, dict):
        return None, [fault("not_mapping", path, 1)]
    return data, []


def _too_deep(text: str) -> int:
    """First line that nests too deep or uses an alias, 0 if none: told by events, so that no tree is built."""
    depth = 0
    for event in yaml.parse(text, yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                return _line(event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            return _line(event.start_mark)
    return 0


def _line(mark: Any) -> int:
    return int(mark.line) + 1 if mark else 0


class Lines:
    """Line numbers of a file's nodes, found when a fault has to be told."""

    def __init__(self, raw: bytes) -> None:
        self._root: yaml.Node | None = yaml.compose(raw.decode("utf-8-sig"), yaml.CSafeLoader)

    def at(self, where: tuple[Step, ...]) -> int:
        """Line of the deepest node of that path that exists, from 1. Steps the file does not have are passed over."""
        return self._walk(where)[0]

    def present(self, where: tuple[Step, ...]) -> tuple[Step, ...]:
        """The steps of a path that the file has."""
        return self._walk(where)[1]

    def _walk(self, where: tuple[Step, ...]) -> tuple[int, tuple[Step, ...]]:
        line, node, taken = 1, self._root, list[Step]()
        for step in where:
            found = _step(node, step)
            if found is not None:
                line, node = found
                taken.append(step)
        return line, tuple(taken)


def _step(node: yaml.Node | None, step: Step) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return _line(key.start_mark), value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
        child = node.value[step]
        return _line(child.start_mark), child
    return None


def composed(text: str) -> bool:
    """Whether a text is in NFC, the one form content is written in."""
    return unicodedata.is_normalized("NFC", text)
