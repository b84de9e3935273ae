"""A visitor of the web chat and of the desk's front, without script."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

from tests.harness.house import PATIENCE_S


class Visitor:
    """One browser with its cookies. `move` lets it come back to the house at another port."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def move(self, url: str) -> None:
        """The same browser, the house's new address."""
        self.url = url

    def ask(self, path: str, body: bytes | None = None, kind: str = "application/json") -> tuple[int, str]:
        """(status, text) of a page, or of a post."""
        headers = {"accept": "application/json" if body else "text/html", "content-type": kind, "origin": self.url}
        request = urllib.request.Request(f"{self.url}{path}", data=body, headers=headers)
        try:
            with self._opener.open(request, timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    def send(self, number: str, text: str) -> tuple[int, dict[str, Any]]:
        """(status, answer) of one message."""
        status, told = self.ask("/chat/send", json.dumps({"id": number, "text": text}).encode())
        return status, json.loads(told)

    def sign_in(self) -> tuple[int, str]:
        """A try at the desk's door: it must be written down before it is looked at."""
        status, page = self.ask("/ban/vao")
        field = re.search(r'name="(\w+)" value="([0-9a-f.:-]{20,})"', page)
        if field is None:
            return status, page
        form = f"login=can.bo&password=sai&next=&{field[1]}={field[2]}"
        return self.ask("/ban/vao", form.encode(), "application/x-www-form-urlencoded")
