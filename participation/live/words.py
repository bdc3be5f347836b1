"""Words of the live screen."""

from flask_babel import lazy_gettext as _l

BAND_NAMES = {
    "moins_18": _l("Moins de 18 ans"),
    "18_25": _l("18 à 25 ans"),
    "26_39": _l("26 à 39 ans"),
    "40_59": _l("40 à 59 ans"),
    "plus_60": _l("60 ans et plus"),
    "inconnue": _l("Sans âge noté"),
}
COUNT_WORDS = {
    "first_timers": _l("Viennent pour la première fois"),
    "qpv_residents": _l("Habitent un quartier prioritaire"),
    "women": _l("Femmes"),
    "men": _l("Hommes"),
    "elus": _l("Élus et élues"),
    "agents": _l("Agents des institutions"),
}
SAID = {
    "commence": "debut",
    "termine": "fin",
    "arrivee": "presents",
    "compte": "presents",
    "institution": "institutions",
    "point": "ordre-du-jour",
    "point_ajoute": "ordre-du-jour",
    "note": "ordre-du-jour",
    "avis": "avis",
    "avis_change": "avis",
    "habitant": "avis",
    "proposition": "avis",
    "mains": "avis",
    "decision": "decisions",
    "photo": "photos",
    "annule": "presents",
}
"""Where on the page each kind of event is seen."""
KIND_NAMES = {
    "commence": _l("Début de la rencontre"),
    "termine": _l("Fin de la rencontre"),
    "arrivee": _l("Arrivée"),
    "compte": _l("Total"),
    "institution": _l("Institution présente"),
    "point": _l("Point de l'ordre du jour commencé"),
    "point_ajoute": _l("Point de l'ordre du jour"),
    "note": _l("Note"),
    "avis": _l("Avis"),
    "avis_change": _l("Avis corrigé"),
    "habitant": _l("Avis d'un habitant, à la borne"),
    "proposition": _l("Proposition"),
    "mains": _l("Mains levées"),
    "decision": _l("Décision"),
    "photo": _l("Photo"),
    "annule": _l("Annulation"),
}
"""What each kind of event is called where it waits."""
