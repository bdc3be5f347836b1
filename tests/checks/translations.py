"""Translations in step with the texts: in each language every text of the residents' pages is there and well formed.

The source texts are French; the team's pages exist in French only, so that what stands in their templates, or in
modules that answer nobody else, needs no translation. `make messages` brings the catalogues up to date (`--update`).
"""

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from participation.language import LANGUAGES
from tests.checks import report
from tests.support import ROOT
from tests.support.translations import FOLDER, catalogues, read

SOURCE = "fr"
EXTRACT = (
    "--keywords=_l lazy_gettext lazy_ngettext:1,2",
    "--add-location=file",  # with line numbers each change of a page would change the catalogues
    "--sort-output",
    "--project=participation",
    "--header-comment=# Les textes de participation.",
)
TEMPLATES = ROOT / "participation" / "templates"

_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
_EXTENDS = re.compile(r"""\{%-?\s*extends\s+["']([\w/.]+)["']""")
TEAM_BASE = "base_equipe.html"
TEAM_PARTS = re.compile(
    r".*/(_\w*for_team|_team_parts|_prints_of_meeting|_waiting)\.html|.*/media/_of_opinion\.html"
    r"|.*/(live|minutes)/_\w+\.html"
    r"|.*/opinions/_reading\.html|.*/seats/_(delegations|reports|to_open|to_tell)\.html"
    r"|.*/planning/_(desks|kept_here|sheet_of_meeting|room_of_meeting|campaign_fields)\.html"
)
"""Parts of the team's pages."""
TEAM_MODULES = re.compile(
    r"participation/(actions/(answering\w*|done_views|forms|rules|sent_photo|views|waiting\w*)"
    r"|circuit/((agenda|link|relay)_(forms|rules|views)|carrying_views|forms|rules)"
    r"|opinions/(chosen_views|forms|reading\w*|translations|translation_views|undoing|views)|seats/\w+"
    r"|following/telling(_views)?|people/models"
    r"|planning/(campaign_(forms|rules|views)|commands|rules|desk|forms|obligation\w*|reminders|repeating|views|sheet\w*|typing\w*)"
    r"|live/(counts|effects|events|key_views|kiosk_views|offline_views|rules|saved|undoing|views|words)|minutes/\w+"
    r"|assessment/(closing|forms|notes|paper|review_views|signing|version_views|meeting_views)|exchange/\w+|media/forms"
    r"|people/commands|reports/team_\w+|simulation/\w+|speaking/(card\w*|opening|team_\w+))\.py"
)
"""Modules whose texts only the team, the élus or an operator read."""


def main() -> None:
    """Check the catalogues, or update them."""
    with tempfile.TemporaryDirectory() as folder:
        template_file = Path(folder) / "messages.pot"
        _extract(template_file)
        if "--update" in sys.argv:
            _update(template_file)
        else:
            with template_file.open("rb") as file:
                _check(read_po(file))


def extract() -> Catalog:
    """Return every text of the program as it stands now, with the files that say it."""
    with tempfile.TemporaryDirectory() as folder:
        template_file = Path(folder) / "messages.pot"
        _extract(template_file)
        with template_file.open("rb") as file:
            return read_po(file)


def _extract(template_file: Path) -> None:
    with contextlib.chdir(ROOT):  # so that the places of the texts are noted from here
        _pybabel("extract", *EXTRACT, "--mapping=pyproject.toml", f"--output={template_file}", ".")


def _update(template_file: Path) -> None:
    for language in LANGUAGES.keys() - {SOURCE}:
        options = [f"--input-file={template_file}", f"--output-dir={FOLDER}", f"--locale={language}"]
        _pybabel("update", *options, "--init-missing", "--no-fuzzy-matching", "--ignore-pot-creation-date")


def _pybabel(command: str, *options: str) -> None:
    CommandLineInterface().run(["pybabel", "--quiet", command, *options])


def _check(template: Catalog) -> None:
    existing = catalogues()
    missing = (LANGUAGES.keys() - {SOURCE} - existing.keys()) if existing else set()
    faults = [f"{language}: no catalogue; run « make messages »" for language in sorted(missing)]
    exempt = french_only_templates()
    for path in existing.values():
        faults += [f"{path.relative_to(ROOT)}: {fault}" for fault in faults_of(read(path), template, exempt)]
    report(faults, f"{len(template)} texts, {len(existing)} catalogues")


def french_only_templates() -> frozenset[str]:
    """Return the team's templates, as paths under the project."""
    parents = {path: _EXTENDS.search(path.read_text()) for path in TEMPLATES.rglob("*.html")}
    team = {path for path in parents if path.name == TEAM_BASE or TEAM_PARTS.match(path.as_posix())}
    for _depth in range(3):  # a page of the team may extend one that extends its base
        team |= {path for path, parent in parents.items() if parent and TEMPLATES / parent[1] in team}
    return frozenset(path.relative_to(ROOT).as_posix() for path in team)


def faults_of(catalog: Catalog, template: Catalog, exempt: frozenset[str]) -> Iterator[str]:
    """Say what `catalog` lacks of `template`, what it has too much, and what is malformed in it."""
    for wanted in template:
        if wanted.id and not _all_within(wanted, exempt):
            yield from _faults_of_message(catalog.get(wanted.id, wanted.context), catalog, wanted)
    for message in catalog:
        if message.id and template.get(message.id, message.context) is None:
            yield f"{_shown(message)} is in no page any more; run « make messages »"


def _all_within(message: Message, templates: frozenset[str]) -> bool:
    """Whether a text stands in these templates and in modules of the team alone."""
    places = {os.path.normpath(place) for place, _ in message.locations}
    return bool(places) and all(place in templates or TEAM_MODULES.fullmatch(place) for place in places)


def _faults_of_message(message: Message | None, catalog: Catalog, wanted: Message) -> Iterator[str]:
    if message is None:
        yield f"{_shown(wanted)} is missing; run « make messages »"
    elif not _translated(message):
        yield f"{_shown(message)} is not translated"
    elif message.fuzzy:
        yield f"{_shown(message)} is fuzzy: read it again, then remove the mark"
    elif _odd_placeholders(message):
        yield f"{_shown(message)}: %(…)s differ from the source: {', '.join(sorted(_odd_placeholders(message)))}"


def _translated(message: Message) -> bool:
    return all(_forms(message.string))


def _odd_placeholders(message: Message) -> set[str]:
    """Return the names that a translation adds or drops; a plural form may drop its number ("one meeting")."""
    wanted = set(_PLACEHOLDER.findall(" ".join(_forms(message.id))))
    given = set(_PLACEHOLDER.findall(" ".join(_forms(message.string))))
    return given - wanted if message.pluralizable else given ^ wanted


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def _shown(message: Message) -> str:
    text = _forms(message.id)[0]
    return f"« {text[:60]}{'…' if len(text) > 60 else ''} »"


if __name__ == "__main__":
    main()
