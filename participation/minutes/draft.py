"""Minutes drafted from what was recorded: who came, what was spoken of, what was said, proposed and decided.

Markdown, in French as all minutes are; a person reads, masks and publishes it (ux.md 2.2, 11).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from sqlalchemy.orm import Session

from participation.clock import to_local
from participation.formatting import date_fr, time_fr
from participation.live.models import AgendaItem
from participation.live.queries import Recorded, State, state_of
from participation.meetings.models import Decision, Meeting
from participation.opinions.forms import language_name
from participation.opinions.models import OpinionTranslation
from participation.opinions.translations import of_opinions
from participation.seats.models import Presence
from participation.seats.queries import presences_of, told_at

Translations = Mapping[int, Sequence[OpinionTranslation]]
"""Id of an opinion -> its translations."""


def draft(session: Session, meeting: Meeting) -> str:
    """Return the minutes of a meeting as it was recorded, in Markdown."""
    state = state_of(session, meeting)
    translated = of_opinions(session, (one.thing for one in state.opinions))
    parts = [
        _who_came(meeting),
        _brought(presences_of(session, meeting)),
        _told(told_at(session, meeting)),
        *(_of_item(state, item, translated) for item in state.items),
        _opinions("Avis", (one for one in state.opinions if one.item is None), translated),
        _decisions(meeting.decisions),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _who_came(meeting: Meeting) -> str:
    lines = ["## Qui était là"]
    counts = (
        (meeting.participants, "personnes présentes"),
        (meeting.residents, "habitants"),
        (meeting.first_timers, "pour la première fois"),
        (meeting.elus, "élus"),
        (meeting.agents, "agents des institutions"),
    )
    lines += [f"- {number} {words}" for number, words in counts if number is not None]
    if meeting.institutions:
        lines.append(f"- Institutions : {', '.join(row.name for row in meeting.institutions)}")
    return "\n".join(lines) if len(lines) > 1 else ""


def _brought(rows: Iterable[Presence]) -> str:
    """Return who came for other instances, in numbers, and what they brought (contract l.1719, 1737)."""
    lines = [_line_of(row) for row in rows if row.present or row.brought]
    return "\n".join(["## Représentants d'autres instances", "", *lines]) if lines else ""


def _line_of(row: Presence) -> str:
    people = f"{row.present} personne{'s' if row.present > 1 else ''}"
    few = f", dont {row.substitutes} suppléante{'s' if row.substitutes > 1 else ''}" if row.substitutes else ""
    said = f"\n  - {_plain(row.brought)}" if row.brought else ""
    return f"- {_plain(row.body.name)} : {people}{few}{said}"


def _told(rows: Iterable[Presence]) -> str:
    """Return what representatives told here of the meetings of other instances."""
    lines = [
        f"- {_plain(row.meeting.title)} ({date_fr(row.meeting.held_on)}) : {_plain(row.told)}"
        for row in rows
        if row.told
    ]
    return "\n".join(["## Ce que les représentants ont raconté", "", *lines]) if lines else ""


def _of_item(state: State, item: AgendaItem, translated: Translations) -> str:
    clock = f" ({time_fr(to_local(item.started_at))})" if item.started_at else ""
    said = list(_by_theme((one for one in state.opinions if one.item == item.ref), translated))
    return "\n\n".join(part for part in (f"## {_plain(item.title)}{clock}", item.notes or "", *said) if part)


def _opinions(title: str, opinions: Iterable[Recorded], translated: Translations) -> str:
    said = list(_by_theme(opinions, translated))
    return "\n\n".join([f"## {title}", *said]) if said else ""


def _by_theme(opinions: Iterable[Recorded], translated: Translations) -> Iterator[str]:
    """Give the opinions, word for word and then as translated, under their themes; those without one last."""

    def theme(one: Recorded) -> tuple[bool, str]:
        row = one.thing.theme
        return row is None, row.name if row else ""

    for (_without, name), group in groupby(sorted(opinions, key=theme), key=theme):
        if name:
            yield f"### {name}"
        yield "\n".join(_line(one, translated.get(one.thing.id, ())) for one in group)


def _line(one: Recorded, translations: Iterable[OpinionTranslation]) -> str:
    lines = [f"- « {_plain(one.thing.text)} »"]
    lines += [f"  - Traduction ({language_name(row.language)}) : « {_plain(row.text)} »" for row in translations]
    if one.proposal:
        hands = one.proposal.hands
        raised = "" if hands is None else f" ({hands} main{'s' if hands > 1 else ''} levée{'s' if hands > 1 else ''})"
        lines.append(f"  - Proposition : {_plain(one.proposal.thing.title)}{raised}")
    return "\n".join(lines)


def _decisions(decisions: Iterable[Decision]) -> str:
    lines = [f"- {_plain(row.text)}{_follow_up(row)}" for row in decisions]
    return "\n".join(["## Décisions", "", *lines]) if lines else ""


def _follow_up(row: Decision) -> str:
    parts = [
        row.owner and f"par {row.owner}",
        row.due_on and f"pour le {date_fr(row.due_on)}",
        row.answer_from and f"réponse attendue de {row.answer_from}",
    ]
    told = ", ".join(str(part) for part in parts if part)
    return f" ({told})" if told else ""


def _plain(text: str) -> str:
    """Return words on one line, with signs of Markdown at their beginning made harmless."""
    line = " ".join(text.split())
    return f"\\{line}" if line[:1] in "#-*+>|=" else line
