"""The rules of the house, as tests."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tokenize
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = sorted(p for part in ("bot", "audio", "desk") for p in (ROOT / part).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
#: the harness may let time pass as what it stands for does
SUITES = [path for path in TESTS if "harness" not in path.parts]
LINES_MAX = 400

FREE = ("bot.cli_", "bot.wiring", "bot.lock", "bot.__main__", "bot.__init__")


def is_free(name: str) -> bool:
    """What may import anything."""
    return name == "bot.cli" or name.startswith(FREE)


#: what any part may use: settings, time, messages, how pages are served
GROUND = {"bot.errors", "bot.settings", "bot.clock", "bot.served"}
#: folders of bot/ with a place of their own in the order
PARTS = {
    "model",
    "library",
    "understand",
    "eligibility",
    "engine",
    "store",
    "work",
    "check",
    "channels",
    "runner",
    "jobs",
}
#: the rules of one noun each: every other module or folder that stands in bot/ itself
NOUNS = {
    name
    for path in (*(ROOT / "bot").glob("*.py"), *(file.parent for file in (ROOT / "bot").glob("*/__init__.py")))
    if path.stem not in PARTS and not is_free(name := f"bot.{path.stem}") and name not in GROUND
}
ENGINE = {"bot.model", "bot.library", "bot.understand", "bot.eligibility", "bot.engine"}
#: part -> parts it may import besides itself and the ground (DESIGN, "The house")
MAY_IMPORT: dict[str, set[str]] = {
    "bot.model": set(),
    "bot.library": {"bot.model"},
    "bot.understand": {"bot.model", "bot.library"},
    "bot.eligibility": {"bot.model", "bot.library"},
    "bot.engine": ENGINE,
    "bot.store": {"bot.model"},
    "bot.work": {"bot.model", "bot.store"},
    **{noun: (ENGINE - {"bot.engine"}) | NOUNS | {"bot.store", "bot.work"} for noun in NOUNS},
    "bot.check": {"bot.model", "bot.library", "bot.understand", "bot.engine", "bot.eligibility", "audio.normalise"},
    "bot.channels": {"bot.model"},
    "bot.runner": ENGINE | NOUNS | {"bot.store", "bot.work", "bot.channels"},
    "bot.jobs": {"bot.model", "bot.store", "bot.work", "audio"} | NOUNS,
    "desk": ENGINE | NOUNS | {"bot.store", "bot.work", "bot.check", "audio.normalise", "audio.catalogue"},
    "audio": set(),
}
#: nouns that look at the running parts
MAY_IMPORT["bot.health"] |= {"bot.channels", "bot.runner"}

#: outside tool -> the only folders or files that may import it
DOORS = {
    "telegram": ("bot/channels/telegram/",),
    "aiohttp": ("bot/channels/telegram/",),
    "sqlalchemy": ("bot/store/",),
    "alembic": ("bot/store/",),
    "aiosqlite": ("bot/store/",),
    "asyncpg": ("bot/store/",),
    "cryptography": ("bot/store/sealing.py",),
    "PIL": ("bot/files.py", "desk/public/cards.py", "audio/cover.py"),
    "openpyxl": ("bot/hamlets.py", "bot/bulletins/sheet.py", "bot/casework/export.py"),
    "reportlab": ("bot/paper.py",),
    "pydub": ("audio/codec.py",),
    "lameenc": ("audio/codec.py",),
    "soundfile": ("audio/codec.py",),
    "gtts": ("audio/voices/",),
    "piper": ("audio/voices/",),
    "espeakng_loader": ("audio/voices/",),
    "numpy": ("audio/",),
    "scipy": ("audio/",),
    "soxr": ("audio/",),
    "uvicorn": ("bot/cli_run.py",),
}


def name_of(path: Path) -> str:
    """Dotted module name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, also inside functions; `from a import b` gives `a.b` when that is a module of ours."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                is_module = (ROOT / Path(*inner.split("."))).with_suffix(".py").exists() or (
                    ROOT / Path(*inner.split("."))
                ).is_dir()
                yield inner if is_module else str(node.module)


def is_in(module: str, parts: set[str]) -> bool:
    """Whether a module is one of these parts or inside one."""
    return any(module == part or module.startswith(part + ".") for part in parts)


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    name = name_of(path)
    if name in {"bot", "desk", "audio"} or is_free(name):
        return
    own = [part for part in MAY_IMPORT if is_in(name, {part})]
    if not own:
        assert name in GROUND, f"{name} has no place in the order of imports"
        allowed, part = GROUND, name
    else:
        part = max(own, key=len)
        allowed = MAY_IMPORT[part] | GROUND | {part}
    ours = {m for m in imports(path) if m.split(".")[0] in {"bot", "audio", "desk"}}
    wrong = sorted(m for m in ours if not is_in(m, allowed))
    assert not wrong, f"{part} must not import {wrong}"


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_one_door_for_each_outside_tool(path: Path) -> None:
    where = path.relative_to(ROOT).as_posix()
    for module in imports(path):
        doors = DOORS.get(module.split(".")[0])
        assert doors is None or where.startswith(doors), f"{where} imports {module}"


def is_vietnamese(letter: str) -> bool:
    """A letter of Vietnamese that English does not have."""
    if letter in "\u0111\u0110":
        return True
    bare = unicodedata.normalize("NFD", letter)
    return bare[0].isascii() and bare[0].isalpha() and len(bare) > 1


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_words_stand_in_content(path: Path) -> None:
    """No Vietnamese letter in product code, neither written nor spelled as an escape inside a word."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        found = [c for c in line if is_vietnamese(c)]
        assert not found, f"{path}:{number}: {found}"
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type != tokenize.STRING or "\\" not in token.string:
                continue
            try:
                value = ast.literal_eval(token.string)
            except (ValueError, SyntaxError):
                continue
            # a lone letter or a class of letters is an algorithm's; a word is content
            hidden = isinstance(value, str) and re.search(r"[^\W\d_]{2,}", value) and any(map(is_vietnamese, value))
            assert not hidden, f"{path}:{token.start[0]}: {token.string}"


@pytest.mark.parametrize("path", [*PRODUCT, *TESTS], ids=name_of)
def test_modules_are_short(path: Path) -> None:
    count = len(path.read_text("utf-8").splitlines())
    assert count <= LINES_MAX, f"{count} lines: split by noun"


@pytest.mark.parametrize("path", SUITES, ids=name_of)
def test_tests_neither_skip_nor_sleep(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            skips = {
                "pytest.skip",
                "pytest.importorskip",
                "pytest.mark.skip",
                "pytest.mark.skipif",
                "pytest.mark.xfail",
            }
            assert ast.unparse(node) not in skips, f"{path}:{node.lineno}"
        # a sleep of nothing only lets others go on
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "asyncio.sleep"}:
            assert [ast.unparse(value) for value in node.args] == ["0"], f"{path}:{node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_names_say_what_a_thing_is(path: Path) -> None:
    assert not {"utils", "helpers", "manager", "common"} & set(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_nothing_is_left_for_later(path: Path) -> None:
    left = re.findall(r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b", path.read_text("utf-8"))
    assert not left


def test_every_message_has_its_exception_and_every_exception_its_message() -> None:
    from bot import errors

    def families(kind: type[errors.LoaThonError]) -> Iterator[type[errors.LoaThonError]]:
        for sub in kind.__subclasses__():
            yield sub
            yield from families(sub)

    import bot.files  # noqa: F401 - defines some

    for kind in families(errors.LoaThonError):
        if kind.__module__.startswith("bot."):
            assert errors.say((kind.__doc__ or "").strip()), kind


def said_keys() -> Iterator[tuple[Path, str]]:
    for path in PRODUCT:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say" and node.args:
                key = node.args[0]
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and path.parts[-2] != "engine":
                    yield path, key.value


def test_every_message_said_is_there() -> None:
    from bot.errors import say

    for path, key in said_keys():
        assert say(key), f"{path}: {key}"


def test_packages_come_from_this_checkout() -> None:
    code = "import bot, audio, desk; print(bot.__file__, audio.__file__, desk.__file__)"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd="/", capture_output=True, text=True, check=True, env=_plain_environment()
    )
    for place in told.stdout.split():
        assert Path(place).is_relative_to(ROOT), place


def test_numbers_and_sound_stay_out_of_bot_and_desk() -> None:
    modules = [name_of(p) for p in PRODUCT if name_of(p).split(".")[0] in {"bot", "desk"}]
    # openpyxl takes numpy when it is there; only the command that reads a sheet loads it
    left = {"bot.__main__", "bot.store.migrations.env", "bot.hamlets"}
    modules = [m for m in modules if m not in left and ".versions" not in m]
    code = f"import importlib, sys\nfor m in {modules!r}: importlib.import_module(m)\nprint(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, env=_plain_environment()
    )
    loaded = {name.split(".")[0] for name in told.stdout.split()}
    assert not loaded & {"numpy", "scipy", "pydub", "soxr", "lameenc", "soundfile", "gtts"}


def _plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "SYSTEMROOT"}}
