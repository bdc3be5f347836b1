"""Fill in a form as a browser without JavaScript does: with everything that the page put in it."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import Client, TestResponse


class _Forms(HTMLParser):
    """The forms of a page: address -> name -> values that would be sent untouched."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, list[str]]]] = []
        self._select: str | None = None
        self._first: str | None = None
        self._area: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("action", "") if given.get("method", "").lower() == "post" else "-", {}))
        elif self.found:
            self._take(tag, given)

    def _take(self, tag: str, given: dict[str, str]) -> None:
        fields, name = self.found[-1][1], given.get("name", "")
        if tag == "select":
            self._select, self._first = name, None
        elif tag == "textarea":
            self._area = name
            fields[name] = [""]
        elif tag == "option" and self._select:
            self._first = given.get("value", "") if self._first is None else self._first
            if "selected" in given:
                fields.setdefault(self._select, []).append(given.get("value", ""))
        elif tag == "input" and name and (given.get("type") not in {"checkbox", "radio"} or "checked" in given):
            fields.setdefault(name, []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[-1][1][self._area][0] += data.removeprefix("\r").removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            if self._select and self._first is not None:  # a browser shows the first one, and sends it
                self.found[-1][1].setdefault(self._select, [self._first])
            self._select = None
        elif tag == "textarea":
            self._area = None


def fields_of(page: TestResponse, action: str | None = None) -> dict[str, list[str]]:
    """Return what the page's form to `action` (a path; None: its first one that posts) would send untouched."""
    here = page.request.path
    forms = [(urlsplit(where).path or here, fields) for where, fields in _Forms(page.text).found if where != "-"]
    for where, fields in forms:
        if action is None or where == action:
            return fields
    raise AssertionError(f"no form to {action} on {here}, only to {[where for where, _fields in forms]}")


def action_of(page: TestResponse) -> str:
    """Return the address of the page's first form that posts."""
    return next(where for where, _fields in _Forms(page.text).found if where != "-") or page.request.full_path


def fill(client: Client, address: str, action: str | None = None, **values: Any) -> TestResponse:
    """Open `address`, fill its form to `action` (default: the one that posts to `address` itself) and send it."""
    page = client.get(address, follow_redirects=True)
    assert page.status_code == 200, f"{address}: {page.status}"
    return send(client, page, action or urlsplit(address).path, **values)


def send(client: Client, page: TestResponse, action: str, **values: Any) -> TestResponse:
    """Send the form of a page that is open already; a value of None is left out, a list is sent as several."""
    data = {name: value for name, value in (fields_of(page, action) | values).items() if value is not None}
    return client.post(action, data=data)
