"""What a browser without scripts sends of a form as it stands on a page."""

from __future__ import annotations

from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self, form: str) -> None:
        super().__init__()
        self.form, self.pairs, self.inside = form, list[tuple[str, str]](), not form
        self.select: str | None = None
        self.options: list[tuple[str, bool]] = []
        self.area: str | None = None
        self.told = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("id") == self.form
        name = given.get("name", "")
        if not self.inside or (not name and tag != "option"):
            return
        if tag == "input" and (given.get("type") not in {"checkbox", "radio"} or "checked" in given):
            self.pairs.append((name, given.get("value", "")))
        elif tag == "select":
            self.select, self.options = name, []
        elif tag == "option":
            self.options.append((given.get("value", ""), "selected" in given))
        elif tag == "textarea":
            self.area, self.told = name, ""

    def handle_data(self, data: str) -> None:
        self.told += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.form:
            self.inside = False
        elif tag == "select" and self.select is not None:
            chosen = next((value for value, is_on in self.options if is_on), next(iter(self.options), ("", False))[0])
            self.pairs.append((self.select, chosen))
            self.select = None
        elif tag == "textarea" and self.area is not None:
            # a browser drops the line break right behind the tag, and ends lines its own way
            self.pairs.append((self.area, self.told.removeprefix("\n").replace("\n", "\r\n")))
            self.area = None


def fields(html: str, form: str = "") -> list[tuple[str, str]]:
    """Name and value of everything sent, in the order of the page. `form`: the form's id, "" = the whole text is one."""
    reader = _Reader(form)
    reader.feed(html)
    return reader.pairs
