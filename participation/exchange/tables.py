"""The tables of a package, described once (exchange-format.md).

Reading, checking, writing, the Table Schemas of datapackage.json and the blank templates all follow this description.
The order of tables and columns is that of the format: later versions only append optional columns.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from participation.bodies.models import (
    FAMILIES,
    LEVELS,
    MANDATE_KINDS,
    SCALES,
    Body,
    Mandate,
    MandatePerson,
    body_commune,
    body_quartier,
)
from participation.exchange.cells import (
    Choice,
    Clock,
    Code,
    Count,
    Day,
    Euros,
    Kind,
    Language,
    ListOf,
    Name,
    Ref,
    Slug,
    Text,
)
from participation.extensions import Model
from participation.meetings.models import (
    MEETING_STATUSES,
    MEETING_TYPES,
    Decision,
    Meeting,
    MeetingInstitution,
    meeting_body,
    meeting_quartier,
)
from participation.opinions.models import CHANNELS, MODERATIONS, Opinion
from participation.proposals.models import FUNDINGS, STEP_KINDS, Proposal, Step, proposal_objective, proposal_quartier

VERSION = "1.0.0"
"""Of the format; written in datapackage.json."""
DESCRIPTOR = "datapackage.json"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: how its cells read, what they name, and where the value is kept."""

    name: str
    kind: Kind
    help: str
    required: bool = False
    names: str | None = None
    """The table or the vocabulary of the contract whose rows it names (known.py)."""
    db: str | None = None
    """Column of the main table; with `names`, it holds the identifier of what is named."""
    link: sa.Table | None = None
    """Table of a list: its first column is the row, its second what the list holds."""
    side: sa.Table | None = None
    """Table apart that holds the value under `db`, one row for each row of the main table."""
    default: Any = None
    """What an empty cell stands for, where that is not "unknown"."""
    ignored: bool = False
    """Written by the export, read by nobody: it follows from other rows."""
    personal: bool = False
    """Personal data: never in an open-data package nor in a fault that is kept."""

    @property
    def empty(self) -> Any:
        """The value of an empty cell."""
        return () if self.kind.many else self.default


@dataclass(frozen=True)
class Table:
    """A table: a CSV file or a sheet of the same name."""

    name: str
    help: str
    model: type[Model]
    key: str | None
    """Its identifying column; None for the steps, which are known by their proposal and their order."""
    columns: tuple[Column, ...]

    @property
    def main(self) -> sa.Table:
        """The database table of its rows."""
        table = self.model.__table__
        assert isinstance(table, sa.Table)
        return table

    @property
    def file(self) -> str:
        """The name of its CSV file."""
        return f"{self.name}.csv"

    def column(self, name: str) -> Column:
        """Return a column by its name. Raises KeyError."""
        return self.by_name[name]

    @property
    def by_name(self) -> dict[str, Column]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def read(self) -> tuple[Column, ...]:
        """The columns that an import reads."""
        return tuple(column for column in self.columns if not column.ignored)


def _text(name: str, help_: str, db: str, **more: Any) -> Column:
    return Column(name=name, kind=Text(), help=help_, db=db, **more)


def _day(name: str, help_: str, db: str, **more: Any) -> Column:
    return Column(name=name, kind=Day(), help=help_, db=db, **more)


def _count(name: str, help_: str, db: str) -> Column:
    return Column(name=name, kind=Count(), help=help_, db=db)


def _ref(help_: str = "identifiant de la ligne, choisi par vous, qui ne change plus") -> Column:
    return Column(name="ref", kind=Ref(), help=help_, required=True, db="ref")


def _one(name: str, names: str, help_: str, db: str | None, kind: Kind | None = None, **more: Any) -> Column:
    return Column(name=name, kind=kind or Slug(), names=names, help=help_, db=db, **more)


def _many(name: str, names: str, help_: str, link: sa.Table, kind: Kind | None = None, **more: Any) -> Column:
    return Column(name=name, kind=ListOf(kind or Slug()), names=names, help=help_, link=link, **more)


_LEVEL = Choice(LEVELS, "un niveau connu")
_institutions = MeetingInstitution.__table__
_person = MandatePerson.__table__
assert isinstance(_institutions, sa.Table)
assert isinstance(_person, sa.Table)

MEETINGS = Table(
    "rencontres",
    "Les rencontres : réunions, cafés citoyens, balades… Celle que deux instances organisent ensemble est une ligne.",
    Meeting,
    "ref",
    (
        _ref(),
        _day("date", "jour de la rencontre", "held_on", required=True),
        Column(name="heure_debut", kind=Clock(), help="heure de début, à Paris", db="starts_at"),
        Column(
            name="heure_fin", kind=Clock(), help="heure de fin ; plus tôt que le début : le lendemain", db="ends_at"
        ),
        _many("instances", "instances", "instances qui l'organisent", meeting_body, required=True),
        Column(
            name="type",
            kind=Choice(MEETING_TYPES, "un type de rencontre connu"),
            help="type de rencontre",
            required=True,
            db="type",
        ),
        _text("titre", "titre", "title", required=True),
        _text("lieu", "lieu", "place"),
        _many("quartiers", "quartiers", "quartiers concernés", meeting_quartier),
        Column(name="niveau", kind=_LEVEL, help="niveau de participation", db="level"),
        Column(
            name="statut",
            kind=Choice(MEETING_STATUSES, "un statut connu"),
            help="statut",
            required=True,
            db="status",
        ),
        _count("participants", "personnes présentes en tout", "participants"),
        _count("habitants", "habitants présents", "residents"),
        _count("habitants_qpv", "habitants présents qui vivent dans un QPV", "qpv_residents"),
        _count("primo_participants", "habitants présents pour la première fois", "first_timers"),
        _count("femmes", "femmes parmi les habitants présents", "women"),
        _count("hommes", "hommes parmi les habitants présents", "men"),
        _count("moins_26", "habitants présents de moins de 26 ans", "under_26"),
        _count("plus_60", "habitants présents de 60 ans et plus", "over_60"),
        _count("elus", "élus présents", "elus"),
        _count("agents", "agents présents", "agents"),
        Column(name="institutions", kind=ListOf(Name()), help="noms des institutions présentes", link=_institutions),
        _text("compte_rendu", "compte rendu, en Markdown", "minutes"),
        _day("compte_rendu_publie_le", "jour de publication du compte rendu", "minutes_published_on"),
    ),
)

PROPOSALS = Table(
    "propositions",
    "Les propositions. Leur état suit de leurs étapes (etapes) ; la colonne etat n'est pas lue.",
    Proposal,
    "ref",
    (
        _ref(),
        _text("titre", "titre", "title", required=True),
        _text("texte", "texte", "text"),
        _one("instance", "instances", "instance qui la porte", "body_id", required=True),
        _many("quartiers", "quartiers", "quartiers concernés", proposal_quartier),
        _one("thematique", "thematiques", "thématique du contrat", "theme_id"),
        _many("objectifs", "objectifs", "codes d'objectifs du contrat", proposal_objective, kind=Name()),
        _one("rencontre", "rencontres", "rencontre où elle a été faite", "meeting_id", kind=Ref()),
        Column(
            name="etat",
            kind=Choice(STEP_KINDS, "un état connu"),
            help="état, écrit par l'export",
            db="state",
            ignored=True,
        ),
    ),
)

STEPS = Table(
    "etapes",
    "Les étapes des propositions, dans l'ordre des dates ; la première est recueillie.",
    Step,
    None,
    (
        _one("proposition", "propositions", "proposition", "proposal_id", kind=Ref(), required=True),
        _day("date", "jour de l'étape", "on_date", required=True),
        Column(name="etape", kind=Choice(STEP_KINDS, "une étape connue"), help="étape", required=True, db="kind"),
        _one("instance", "instances", "instance où elle a eu lieu", "body_id"),
        _one("rencontre", "rencontres", "rencontre où elle a eu lieu", "meeting_id", kind=Ref()),
        _text("motif", "motif ; obligatoire pour une réponse, un report ou un abandon", "reason"),
        Column(
            name="vers",
            kind=Ref(),
            help="à qui elle est transmise (instance ou destinataire), ou proposition à laquelle elle est regroupée",
        ),
        _day("echeance", "date annoncée", "due_on"),
        Column(name="financement", kind=Choice(FUNDINGS, "un financement connu"), help="financement", db="funding"),
        Column(name="montant", kind=Euros(), help="montant", db="amount_cents"),
        _day("restituee_le", "jour où la réponse a été dite aux habitants", "told_on"),
        _one("restituee_a", "rencontres", "rencontre où elle a été dite", "told_meeting_id", kind=Ref()),
        _text("reponse_courte", "la réponse en une phrase simple", "short_answer"),
        _text("responsable", "qui s'en charge : une fonction, pas un nom", "owner"),
        _count("pour", "voix pour", "votes_for"),
        _count("contre", "voix contre", "votes_against"),
        _count("abstentions", "abstentions", "abstentions"),
        _text("deliberation", "numéro ou adresse de la délibération", "deliberation"),
        _day("annulee_le", "jour où l'étape, enregistrée par erreur, a été annulée", "voided_on"),
        _text("annulee_motif", "pourquoi elle a été annulée", "voided_reason"),
    ),
)

OPINIONS = Table(
    "avis",
    "Les avis, mot pour mot, sans rien qui dise qui a parlé.",
    Opinion,
    "ref",
    (
        _ref(),
        _day("date", "jour où l'avis a été donné", "received_on", required=True),
        _one("rencontre", "rencontres", "rencontre où il a été donné", "meeting_id", kind=Ref()),
        _one("instance", "instances", "instance ; nécessaire sans rencontre ni quartier", "body_id"),
        _one("quartier", "quartiers", "quartier", "quartier_id"),
        _one("thematique", "thematiques", "thématique du contrat", "theme_id"),
        _text("question", "question posée", "question"),
        _text("texte", "texte de l'avis", "text", required=True),
        Column(name="canal", kind=Choice(CHANNELS, "un canal connu"), help="canal", db="channel"),
        _one("proposition", "propositions", "proposition qu'il a nourrie", "proposal_id", kind=Ref()),
        Column(
            name="moderation",
            kind=Choice(MODERATIONS, "une modération connue"),
            help="modération ; vide : en_attente",
            db="moderation",
            default="en_attente",
        ),
        Column(name="langue", kind=Language(), help="langue de l'avis", db="language"),
        _text("reponse", "réponse courte à l'avis, sans proposition", "answer"),
        _day("repondu_le", "jour de cette réponse", "answered_on"),
    ),
)

DECISIONS = Table(
    "decisions",
    "Ce qu'une rencontre a décidé pour elle-même (« inviter le bailleur le 12 »).",
    Decision,
    "ref",
    (
        _ref(),
        _one("rencontre", "rencontres", "rencontre qui a décidé", "meeting_id", kind=Ref(), required=True),
        _text("texte", "ce qui a été décidé", "text", required=True),
        _text("responsable", "qui s'en charge : une fonction, pas un nom", "owner"),
        _day("echeance", "pour quand", "due_on"),
        _day("faite_le", "jour où c'était fait", "done_on"),
    ),
)

BODIES = Table(
    "instances",
    "Les instances que le contrat ne nomme pas, ou ce qui a changé de celles qu'il nomme.",
    Body,
    "slug",
    (
        Column(
            name="slug", kind=Slug(), help="nom court, choisi par vous, qui ne change plus", required=True, db="slug"
        ),
        _text("nom", "nom ; changé, l'ancien nom reste connu", "name", required=True),
        Column(name="genre", kind=Code(), help="genre d'instance", required=True, db="kind"),
        Column(name="famille", kind=Choice(FAMILIES, "une famille connue"), help="famille", required=True, db="family"),
        Column(name="echelle", kind=Choice(SCALES, "une échelle connue"), help="échelle", required=True, db="scale"),
        _many("communes", "communes", "communes", body_commune, required=True),
        _many("quartiers", "quartiers", "quartiers", body_quartier),
        Column(name="niveau", kind=_LEVEL, help="niveau de participation", db="level"),
        _day("ouverte_le", "jour d'ouverture", "opened_on"),
        _day("fermee_le", "jour de fermeture", "closed_on"),
    ),
)

MANDATES = Table(
    "mandats",
    "Les sièges dans les instances.",
    Mandate,
    "ref",
    (
        _ref(),
        _one("instance", "instances", "instance", "body_id", required=True),
        _text("nom", "qui l'occupe ; jamais publié", "name", side=_person, personal=True),
        Column(
            name="genre",
            kind=Choice(MANDATE_KINDS, "un genre de mandat connu"),
            help="genre ; vide : membre",
            db="kind",
            default="membre",
        ),
        _one("aupres_de", "instances", "pour un représentant : l'instance où il siège", "seat_body_id"),
        _day("debut", "premier jour", "started_on", required=True),
        _day("fin", "dernier jour", "ended_on"),
    ),
)

TABLES = (MEETINGS, PROPOSALS, STEPS, OPINIONS, DECISIONS, BODIES, MANDATES)
"""In the order of the format."""
WRITING_ORDER = (BODIES, MANDATES, MEETINGS, DECISIONS, PROPOSALS, STEPS, OPINIONS)
"""What is named stands before what names it."""
BY_NAME = {table.name: table for table in TABLES}
NAMED_TABLES = {"rencontres": MEETINGS, "propositions": PROPOSALS, "instances": BODIES}
"""Tables of a package whose rows other rows name."""
