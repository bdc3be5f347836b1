"""Parts of a page that higher features add to a lower one's.

Arrows point down: meetings know nothing of opinions, yet a meeting's page shows the opinions given there. So the lower
feature names a place in its page (a slot) and puts there whatever was provided for it; the higher feature provides a
function that gets the page's object and renders a template of its own. In the template of the lower feature:
`{% for part in fragments("meeting.public", meeting) %}{{ part }}{% endfor %}`. In `views.py` of the higher one:
`provide("meeting.public", opinions_of_meeting)`, where `opinions_of_meeting(meeting)` returns
`Markup(render_template("opinions/_of_meeting.html", ...))` or None where there is nothing to show. A part begins with
an `<h2>`, costs a constant number of queries, and shows only what the reader may see (`may`): a slot ending in
`.public` is on a page for everybody, one ending in `.team` on a page of the team.

In a list, a part is shown beside each thing without asking the database for each: `provide_each("opinions.public",
function)`, where `function(opinions)` returns `{opinion.id: Markup}`, and in the template `{% set beside_each =
fragments_of_each("opinions.public", opinions) %}`, then `{{ beside_each.get(opinion.id, "") }}`. Its slots:
`opinions.public`, `opinions.team` (a list of Opinion), `steps.public`, `steps.team` (the steps of one proposal).

Slots: `meeting.public`, `meeting.now.public` (at the top), `meeting.team`, `meeting.minutes` (under its minutes; a
Meeting), `meeting.beside.team` (under the pages that prepare it or write
of it), `meeting.write.team` (in the messages of the pages that write and publish minutes), `opinion.team` (an Opinion),
`opinion.reading.team` (while it is read),
`body.public`, `body.team` (a Body), `proposal.public` (a Proposal, under its history), `quartier.public` (a Quartier),
`proposal.deeds.public` (a Proposal, under its history), `proposal.trace.public` (its road, before its story),
`proposal.follow.public` (at its end), `proposal.team`, `receipt.public` (what an author reads of the
proposal that her opinion fed), `proposal.done.team` (before it is said to be done), `told.team` (a Step, before a
decision is said to be told). A feature that opens another one adds it here.
"""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask
from markupsafe import Markup

Provider = Callable[[Any], Markup | None]
EachProvider = Callable[[Sequence[Any]], dict[int, Markup]]

_providers: dict[str, list[Provider]] = {}
_each: dict[str, list[EachProvider]] = {}


def provide(slot: str, function: Provider) -> None:
    """Let `function` add to `slot`, after those provided before; the same function counts once."""
    known = _providers.setdefault(slot, [])
    if function not in known:
        known.append(function)


def fragments(slot: str, thing: Any) -> list[Markup]:
    """Return what the higher features show of `thing` in `slot`, in the order in which they were provided."""
    parts = (function(thing) for function in _providers.get(slot, ()))
    return [part for part in parts if part]


def provide_each(slot: str, function: EachProvider) -> None:
    """Let `function` add to each thing of a list in `slot`, after those provided before; the same counts once."""
    known = _each.setdefault(slot, [])
    if function not in known:
        known.append(function)


def fragments_of_each(slot: str, things: Sequence[Any]) -> dict[int, Markup]:
    """Return what the higher features show beside each of `things` (by its `id`) in `slot`; nothing for most."""
    found: dict[int, Markup] = {}
    for function in _each.get(slot, ()) if things else ():
        for identifier, part in function(things).items():
            found[identifier] = found.get(identifier, Markup()) + part
    return found


def init_app(app: Flask) -> None:
    """Give `fragments` and `fragments_of_each` to the templates."""
    app.jinja_env.globals["fragments"] = fragments
    app.jinja_env.globals["fragments_of_each"] = fragments_of_each
