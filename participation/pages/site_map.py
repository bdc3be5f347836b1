"""The site map: the public pages that this application serves, in words."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from participation.navigation import address_of

SECTIONS: dict[Any, dict[str, Any]] = {
    _l("Participer"): {
        "/": _l("Accueil"),
        "/c": _l("Entrer dans une rencontre"),
        "/rencontres": _l("Rencontres à venir et passées"),
        "/suivi": _l("Qu'est devenu mon avis ?"),
        "/aide": _l("Aide et contact"),
    },
    _l("Ce qui a été dit et fait"): {
        "/propositions": _l("Propositions des habitants"),
        "/demarches": _l("Démarches : les mêmes questions à plusieurs rencontres"),
        "/reponses": _l("Vous avez dit, nous avons fait : les réponses"),
        "/reponses/affiche": _l("Affiche des dernières réponses"),
        "/avis": _l("Avis publiés"),
        "/bilan": _l("Bilan de l'année"),
    },
    _l("Le contrat et ses lieux"): {
        "/contrat": _l("Contrat : ambitions et objectifs"),
        "/quartiers": _l("Communes et quartiers"),
        "/instances": _l("Instances : qui se réunit"),
    },
    _l("À propos de ce site"): {
        "/accessibilite": _l("Accessibilité : non conforme"),
        "/donnees-personnelles": _l("Données personnelles"),
        "/mentions-legales": _l("Mentions légales"),
        "/donnees": _l("Données ouvertes"),
        "/plan-du-site": _l("Plan du site"),
        "/equipe/connexion": _l("Connexion de l'équipe"),
    },
}
"""Title of a section -> address -> what the page is called. What is not there is left out."""
UNLISTED = frozenset(
    {
        "/sante",
        "/sante/pret",
        "/api/v1/indicateurs",
        "/api/v1/openapi.json",
        "/rencontres/agenda.ics",
        "/reponses/flux.atom",
        "/reponses/affiche.pdf",
        "/hors-ligne",
        "/C",
        "/prevenir/fini",
        "/abonnement/fini",
        "/equipe/connexion/envoye",
        "/equipe/connexion/mot-de-passe",
        "/equipe/au-revoir",
        "/signer/merci",
        "/equipe/sw.js",
        "/equipe/a-envoyer",
    }
)
"""Public addresses that no reader looks for: of machines, or steps of a road that begins on a listed page."""


@dataclass(frozen=True)
class Section:
    """One part of the map: (label, address) of each page."""

    title: Any
    pages: list[tuple[Any, str]]


def sections() -> list[Section]:
    """Return the parts of the map that have a page."""
    found = []
    for title, named in SECTIONS.items():
        addresses = ((label, address_of(path)) for path, label in named.items())
        pages = [(label, address) for label, address in addresses if address]
        if pages:
            found.append(Section(title, pages))
    return found
