"""What the pages of a closed version show of its figures, made once for each reader's language: it never changes."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from participation.assessment import words
from participation.assessment.findings import findings
from participation.assessment.frame import Frame
from participation.assessment.models import ClosedAssessment
from participation.assessment.results import Assessment
from participation.language import current

KEPT = 64
"""Pages kept at most, of some tens of kilobytes each: the last versions of the places that people read."""


@dataclass(frozen=True)
class Shown:
    """The sentences of the first page, and each block by its key, as HTML."""

    findings: Markup
    blocks: list[tuple[str, Markup]]


def show(
    closed: ClosedAssessment,
    frame: Frame,
    read: Callable[[], Assessment],
    way: Callable[..., str],
    *,
    address: str,
    public: bool,
) -> Shown:
    """Return a version's figures as they are shown at `address`. `read` gives them; `way` the addresses of rows."""
    delay = (frame.response_days, frame.response_days_confirmed)  # which name the figure of late answers
    box = _box((closed.sha256, address, public, current().language, delay))
    if not box:
        box.append(_made(frame, read(), way, public=public))
    return box[0]


@functools.lru_cache(maxsize=KEPT)
def _box(_key: tuple[object, ...]) -> list[Shown]:
    """Return where a page is kept: the same list for the same key, empty at first."""
    return []


def _made(frame: Frame, then: Assessment, way: Callable[..., str], *, public: bool) -> Shown:
    sentences = findings(then, frame, public=public)
    return Shown(
        Markup(render_template("assessment/_closed_findings.html", sentences=sentences, way=way)),  # noqa: S704  # own
        [
            (one.key, Markup(render_template("assessment/_closed_block.html", one=one, way=way)))  # noqa: S704  # own
            for one in words.blocks(then, frame, public=public)
        ],
    )
