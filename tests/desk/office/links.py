"""The links of a page of the desk, to be followed as whoever sees them."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping

from desk.desk import PAGES
from tests.desk.office.conftest import Answer, Client

_LINK = re.compile(r"""(?:href|hx-get|src)="(/[^"#]*)""")
#: what a page is made of, not where it leads
_FILES = ("/ban/tep/", "/static/")
_SHAPES = [(page.path, re.compile(re.sub(r"\{\w+\}", "[^/]+", page.path) + "$")) for page in PAGES]


def links(answer: Answer) -> list[str]:
    """Addresses of this house that a page leads to, or is filled from."""
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return []
    found = (html.unescape(one[1]) for one in _LINK.finditer(answer.text))
    return [path for path in found if not path.startswith(_FILES)]


def shape(path: str) -> str:
    """Which page an address is one of."""
    plain = path.partition("?")[0]
    return next((name for name, found in _SHAPES if found.match(plain)), re.sub(r"\d+", "0", plain))


async def dead(client: Client, shown: Mapping[str, str], opened: Collection[str]) -> list[str]:
    """Links that do not open, one of each page that was not opened yet. `shown`: link -> the page that shows it."""
    seen = {path.partition("?")[0] for path in opened}
    one_each = {shape(link): link for link in shown if link.partition("?")[0] not in seen}
    statuses = {link: (await client.get(link, follow=True)).status for link in one_each.values()}
    return [f"{status} {link} on {shown[link]}" for link, status in statuses.items() if status >= 400]
