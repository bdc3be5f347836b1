"""What every page owes its readers, checked on the HTML itself (RGAA, WCAG 2.2, security.md R12-R13).

`faults_of(text)` reads a whole page, `faults_of(text, fragment=True)` what htmx puts into one.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
SELF_NAMED_INPUTS = frozenset({"hidden", "submit", "button", "reset", "image"})
REFERRING = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "headers", "list", "for", "form")
"""Attributes that hold one or several ids of the same page."""

FETCHING = {"link": "href"} | dict.fromkeys(("script", "img", "iframe", "audio", "video", "source"), "src")
FETCHED_RELATIONS = frozenset({"stylesheet", "icon", "manifest", "preload", "modulepreload", "apple-touch-icon"})


@dataclass
class Element:
    """One element, with the text and pictures' texts inside it."""

    tag: str
    attributes: dict[str, str]
    line: int
    parent: "Element | None" = None
    text: list[str] = field(default_factory=list)

    def get(self, name: str) -> str:
        """Return the attribute's value, empty if absent."""
        return self.attributes.get(name, "")

    def named(self) -> bool:
        """Tell whether a screen reader has something to say for this element."""
        return any(self.get(name).strip() for name in ("aria-label", "aria-labelledby", "title")) or bool(
            "".join(self.text).strip()
        )

    def within(self, tag: str) -> bool:
        """Tell whether the element stands inside a `tag`."""
        return self.parent is not None and (self.parent.tag == tag or self.parent.within(tag))

    def __str__(self) -> str:
        shown = " ".join(f'{name}="{self.get(name)}"' for name in ("id", "name", "href", "class") if self.get(name))
        return f"<{self.tag}{' ' + shown if shown else ''}> (line {self.line})"


class Page(HTMLParser):
    """The elements of a page in their order, and what is wrong with their nesting."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.nesting: list[str] = []
        self._open: list[Element] = []
        self.doctype = False
        self.feed(text)
        self.close()
        self.nesting += [f"{element} is never closed" for element in self._open]

    def handle_decl(self, decl: str) -> None:
        """Note the doctype."""
        self.doctype = decl.lower() == "doctype html"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add the element under the one that is open."""
        names = Counter(name for name, _ in attrs)
        parent = self._open[-1] if self._open else None
        element = Element(tag, {name: value or "" for name, value in attrs}, self.getpos()[0], parent)
        self.nesting += [f"{element}: attribute {name} twice" for name, count in names.items() if count > 1]
        self.elements.append(element)
        if tag == "img":
            self._tell(element.get("alt"))
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take `<path/>` as opened and closed in a drawing; elsewhere HTML takes it as opened only."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID and self.elements[-1].within("svg"):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element; anything else that is open there was forgotten."""
        if self._open and self._open[-1].tag == tag:
            self._open.pop()
        else:
            expected = f"{self._open[-1]} is open" if self._open else "nothing is open"
            self.nesting.append(f"</{tag}> on line {self.getpos()[0]} where {expected}")
            while any(element.tag == tag for element in self._open) and self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Give the text to every open element."""
        self._tell(data)

    def _tell(self, text: str) -> None:
        for element in self._open:
            element.text.append(text)

    def find_all(self, *tags: str) -> list[Element]:
        """Return the elements of these tags, in their order."""
        return [element for element in self.elements if element.tag in tags]


def faults_of(text: str, *, fragment: bool = False) -> list[str]:
    """Return what is wrong with this HTML, one sentence each; empty when it is right."""
    page = Page(text)
    faults = [*page.nesting, *_ids(page), *_labels(page), *_names(page), *_inline_code(page), *_foreign(page)]
    if not fragment:
        faults += [*_frame(page), *_references(page)]
    return faults


def csp_faults(policy: str | None) -> list[str]:
    """Return what is wrong with a Content-Security-Policy: absent, without a default, or with a hole."""
    if not policy:
        return ["no Content-Security-Policy"]
    rules = {words[0]: words[1:] for words in (rule.split() for rule in policy.split(";")) if words}
    missing = {"default-src", "frame-ancestors"} - rules.keys()
    faults = [f"Content-Security-Policy without {rule}" for rule in sorted(missing)]
    holes = {"*", "http:", "https:", "'unsafe-inline'", "'unsafe-eval'"}
    for rule, values in rules.items():
        faults += [f"Content-Security-Policy: {value} in {rule}" for value in holes & set(values)]
    return faults


def _frame(page: Page) -> Iterator[str]:
    if not page.doctype:
        yield "no <!doctype html>"
    if not any(html.get("lang") for html in page.find_all("html")):
        yield "no lang on <html>"
    if any(html.get("lang") == "ar" and html.get("dir") != "rtl" for html in page.find_all("html")):
        yield 'Arabic without dir="rtl"'
    titles = [title for title in page.find_all("title") if not title.within("svg")]
    if len(titles) != 1 or not titles[0].named():
        yield "not exactly one title with words in it"
    headings = page.find_all("h1")
    if len(headings) != 1 or not headings[0].named():
        yield f"not exactly one h1 with words in it, but {len(headings)}"
    if len(page.find_all("main")) != 1:
        yield f"not exactly one main, but {len(page.find_all('main'))}"
    yield from _heading_steps(page)


def _heading_steps(page: Page) -> Iterator[str]:
    level = 0
    for heading in page.find_all("h1", "h2", "h3", "h4", "h5", "h6"):
        if int(heading.tag[1]) > level + 1 and level:
            yield f"{heading} comes right after an h{level}: a level is missing"
        level = int(heading.tag[1])


def _ids(page: Page) -> Iterator[str]:
    for name, count in Counter(element.get("id") for element in page.elements if element.get("id")).items():
        if count > 1:
            yield f'id="{name}" {count} times'


def _references(page: Page) -> Iterator[str]:
    known = {element.get("id") for element in page.elements}
    for element in page.elements:
        for attribute in REFERRING:
            for name in element.get(attribute).split():
                if name not in known:
                    yield f'{element}: {attribute}="{name}" names no element'
        target = element.get("href")
        if element.tag == "a" and target.startswith("#") and target[1:] not in known:
            yield f"{element}: the link leads nowhere on this page"


def _labels(page: Page) -> Iterator[str]:
    labelled = {label.get("for") for label in page.find_all("label") if label.named()}
    for element in page.find_all("input", "select", "textarea"):
        if element.get("type") in SELF_NAMED_INPUTS or any(element.get(n) for n in ("aria-label", "aria-labelledby")):
            continue
        if element.get("id") not in labelled and not element.within("label"):
            yield f"{element} has no label"


def _names(page: Page) -> Iterator[str]:
    for element in page.find_all("a", "button", "summary", "th", "legend", "caption"):
        if not element.named() and (element.tag != "a" or element.get("href")):
            yield f"{element} has no words"
    for element in page.find_all("input"):
        if element.get("type") in {"submit", "button"} and not element.get("value"):
            yield f"{element} has no words"
    legends = page.find_all("legend")
    for element in page.find_all("fieldset"):
        if not any(legend.parent is element for legend in legends):
            yield f"{element} has no legend"
    yield from (f"{element} has no alt" for element in page.find_all("img") if "alt" not in element.attributes)


def _inline_code(page: Page) -> Iterator[str]:
    for element in page.elements:
        if element.tag == "style":
            yield f"{element}: inline style"
        if element.tag == "script" and not element.get("src") and element.get("type") != "application/json":
            yield f"{element}: inline script"
        for name, value in element.attributes.items():
            if name == "style" or re.match(r"on|hx-on|data-hx-on", name):
                yield f"{element}: attribute {name}, which the Content-Security-Policy refuses"
            if value.strip().lower().startswith(("javascript:", "js:")):
                yield f"{element}: code in attribute {name}"


def _foreign(page: Page) -> Iterator[str]:
    """Nothing of a page may come from another host: no third party learns who reads it."""
    for element in page.elements:
        address = element.get(FETCHING.get(element.tag, ""))
        if element.tag == "link" and not FETCHED_RELATIONS & set(element.get("rel").split()):
            continue
        if re.match(r"(https?:)?//", address):
            yield f"{element} is fetched from another host: {address}"
