"""What a text in Markdown is made of, for paper and for files: the same tokens as the page's (formatting.py).

Blocks and pieces are plain mappings, so that they go to a template of paper as they are. A block is one of
`{"kind": "heading", "level": 2.., "runs": [...]}`, `{"kind": "paragraph", "runs"}`,
`{"kind": "list", "ordered": bool, "start": int, "items": [[block, ...], ...]}`, `{"kind": "quote", "blocks"}`,
`{"kind": "table", "head": [runs, ...], "rows": [[runs, ...], ...]}`, `{"kind": "code", "text"}`, `{"kind": "rule"}`.
A run is `{"text", "bold", "italic", "struck", "code", "href"}`; a text of one line feed is the end of a line.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from participation.formatting import LINKED, markdown_tokens

if TYPE_CHECKING:
    from markdown_it.token import Token

Block = dict[str, Any]
Run = dict[str, Any]
_STYLES = {"strong": "bold", "em": "italic", "s": "struck"}
_PLAIN: Run = {"bold": False, "italic": False, "struck": False, "code": False, "href": None}


def outline(text: str | None) -> list[Block]:
    """Return the blocks of a text; headings begin at level 2, as a document has one of level 1."""
    return list(_blocks(iter(markdown_tokens(text)), None))


def _blocks(tokens: "Iterator[Token]", end: str | None) -> Iterator[Block]:
    """Give the blocks up to the token of type `end`."""
    for token in tokens:
        if token.type == end:
            return
        if token.type == "heading_open":
            yield {"kind": "heading", "level": int(token.tag[1]) - 1, "runs": _inline(tokens)}
        elif token.type == "paragraph_open":
            yield {"kind": "paragraph", "runs": _inline(tokens)}
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            yield _list(token, tokens)
        elif token.type == "blockquote_open":
            yield {"kind": "quote", "blocks": list(_blocks(tokens, "blockquote_close"))}
        elif token.type == "table_open":
            yield _table(tokens)
        elif token.type in {"fence", "code_block"}:
            yield {"kind": "code", "text": token.content.rstrip("\n")}
        elif token.type == "hr":
            yield {"kind": "rule"}


def _list(token: "Token", tokens: "Iterator[Token]") -> Block:
    ordered = token.type == "ordered_list_open"
    close = token.type.replace("open", "close")
    items = []
    for inner in tokens:
        if inner.type == close:
            break
        items.append(list(_blocks(tokens, "list_item_close")))
    return {"kind": "list", "ordered": ordered, "start": int(token.attrs.get("start", 1)), "items": items}


def _table(tokens: "Iterator[Token]") -> Block:
    rows: list[list[list[Run]]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_runs(token))
    return {"kind": "table", "head": rows[0], "rows": rows[1:]}


def _inline(tokens: "Iterator[Token]") -> list[Run]:
    return _runs(next(tokens))


def _runs(token: "Token") -> list[Run]:
    """Return the pieces of a line, each with how it is written; a picture is its description alone."""
    style, found = dict(_PLAIN), []
    for piece in token.children or []:
        name = _STYLES.get(piece.tag)
        if name:
            style[name] = piece.nesting == 1
        elif piece.type in {"link_open", "link_close"}:
            style["href"] = _address(str(piece.attrs.get("href", ""))) if piece.nesting == 1 else None
        elif piece.type in {"softbreak", "hardbreak"}:
            found.append({**style, "text": "\n" if piece.type == "hardbreak" else " "})
        elif piece.content:
            found.append({**style, "text": piece.content, "code": piece.type == "code_inline"})
    return found


def _address(href: str) -> str | None:
    return href if urlsplit(href).scheme.lower() in LINKED else None
