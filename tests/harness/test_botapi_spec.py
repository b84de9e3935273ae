"""The trimmed description of the Bot API that the test server checks requests against."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.botapi.make_spec import compact
from tests.harness.botapi.markup import MarkupError, parse
from tests.harness.botapi.spec import Field, Limit, load


def described(name: str, kinds: list[str], description: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "types": kinds, "required": required, "description": description}


def test_the_data_file_is_what_the_script_writes_from_a_full_description() -> None:
    text = described("t", ["String"], "Text, 1-4096 characters after entities parsing", required=True)
    numbers = described("l", ["Array of Integer"], "A list of 1-100 identifiers")
    full = {
        "version": "1",
        "release_date": "",
        "source_sha256": "",
        "methods": {"m": {"returns": ["Array of Update"], "fields": [text, numbers]}},
        "types": {"U": {"subtypes": ["A"]}, "A": {"fields": [described("n", ["Integer"], "1-6 or 1-64")]}},
    }
    short = compact(full)
    assert short["methods"]["m"] == {
        "returns": "[Update]",
        "fields": {"t": "!String 1..4096 chars parsed", "l": "[Integer] 1..100 items"},
    }
    assert short["types"] == {"A": {"fields": {"n": "Integer"}}, "U": {"subtypes": ["A"]}}
    assert Field.read("t", "!String 1..4096 chars parsed").limit == Limit(1, 4096, "chars", parsed=True)


def test_the_shipped_file_is_whole() -> None:
    spec = load()
    assert spec.version == "Bot API 10.3"
    assert len(spec.methods) == 185
    assert spec.methods["sendMessage"].fields["text"].limit == Limit(1, 4096, "chars", parsed=True)
    assert spec.types["InlineKeyboardButton"]["callback_data"].limit == Limit(1, 64, "bytes")


@pytest.mark.parametrize(
    ("text", "mode", "plain", "kinds"),
    [
        ("  a  ", "", "a", []),
        ("<b>a<i>b</i></b>", "HTML", "ab", ["bold", "italic"]),
        ('<a href="https://x.vn">a</a>', "HTML", "a", ["text_link"]),
        ('<a href="nowhere">a</a>', "HTML", "a", []),
        ("<b></b>a &amp; &lt;b&gt; &copy;", "HTML", "a & <b> &copy;", []),
        ("<blockquote expandable>a</blockquote>", "HTML", "a", ["expandable_blockquote"]),
        ("<pre><code class='language-x'>a</code></pre>", "HTML", "a", ["pre", "code"]),
        (
            "*a* _b_ __c__ ~d~ ||e||",
            "MarkdownV2",
            "a b c d e",
            ["bold", "italic", "underline", "strikethrough", "spoiler"],
        ),
        (">a\nb", "MarkdownV2", "a\nb", ["blockquote"]),
        ("```\na.b\n```", "MarkdownV2", "a.b", ["pre"]),
    ],
)
def test_markup(text: str, mode: str, plain: str, kinds: list[str]) -> None:
    read, entities = parse(text, mode)
    assert read == plain
    assert sorted(e["type"] for e in entities) == sorted(kinds)


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("<b>a</i>", "HTML"),
        ("a</b>", "HTML"),
        ("<span>a</span>", "HTML"),
        ("*a", "MarkdownV2"),
        ("*a_b*c_", "MarkdownV2"),
        ("[a](", "MarkdownV2"),
        ("`a", "MarkdownV2"),
        ("a!", "MarkdownV2"),
        ("a", "BBCode"),
    ],
)
def test_broken_markup(text: str, mode: str) -> None:
    with pytest.raises(MarkupError):
        parse(text, mode)
