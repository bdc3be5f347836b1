"""The application with the pages of the style guide added; no page of it reads the database."""

import datetime as dt
from pathlib import Path
from typing import Any

from flask import Flask, flash, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FieldList,
    FileField,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from participation.errors import Refusal
from participation.forms import CheckboxListField, CreatingForm, Form, needed
from tests.support.apps import make_app

PAGES = ("public", "formulaire", "erreurs", "equipe", "chiffres")
"""Addresses are /styleguide/<page>; those of the team start with /equipe, as theirs do."""
ERROR_PAGES = (400, 401, 403, 404, 409, 413, 429, 500)


def choices(*pairs: tuple[str, str], group: str | None = None) -> list[SelectChoice]:
    """Return WTForms choices of (value, label)."""
    return [SelectChoice(value=value, label=label, optgroup=group) for value, label in pairs]


class Line(PlainForm):
    """One line of a list inside a form."""

    institution = StringField("Institution", [needed("Écrivez le nom de l'institution.")])
    people = IntegerField("Combien de personnes ?", [NumberRange(min=0, message="Écrivez un nombre positif.")])


class Sample(CreatingForm):
    """One field of each kind."""

    title = StringField("Titre de la rencontre", [needed("Écrivez un titre.")], description="Une phrase courte suffit.")
    email = EmailField("Adresse de courriel", render_kw={"autocomplete": "email"})
    text = TextAreaField("Ce que la personne a dit", [needed("Écrivez l'avis, avec les mots de la personne.")])
    on = DateField("Date", [InputRequired("Écrivez la date, par exemple 12/03/2026.")])
    at = TimeField("Heure de début")
    count = IntegerField("Combien de personnes ?", [NumberRange(min=0, message="Écrivez un nombre positif.")])
    level = RadioField(
        "Qui décide ?",
        [InputRequired("Choisissez une réponse.")],
        choices=choices(("information", "On vous informe"), ("consultation", "On vous demande votre avis")),
    )
    kind = SelectField("Type de rencontre", choices=choices(("cafe", "Café citoyen"), ("atelier", "Atelier")))
    bodies = CheckboxListField(
        "Instances qui organisent",
        [needed("Cochez au moins une instance.")],
        choices=choices(
            *((f"i{n}", f"Conseil citoyen n° {n}, {name}") for n, name in enumerate(["Avenue", "Été"] * 7))
        ),
    )
    minutes = FileField("Compte rendu (fichier)")
    told = BooleanField("La réponse a été dite aux habitants et habitantes")
    lines = FieldList(FormField(Line, label="Présence"), label="Institutions présentes", min_entries=1)


class Search(Form):
    """Filters of a list."""

    class Meta(Form.Meta):
        """Filters are read with GET: nothing to protect."""

        csrf = False

    words = StringField("Mots")
    district = SelectField("Quartier", choices=choices(("", "Tous"), ("a", "Jean Jaurès – Cheminots")))
    state = SelectField("Ce qu'elle est devenue", choices=choices(("", "Tout"), ("oui", "Oui, prévu")))


def make_styleguide(instance: Path, **settings: Any) -> Flask:
    """Return the application with the style guide's pages; `instance` is a folder to write in."""
    settings = {"demo": True, "contact_phone": "03 21 00 00 00", **settings}
    app = make_app(f"sqlite:///{instance / 'styleguide.db'}", instance, **settings)
    assert app.jinja_loader
    own = FileSystemLoader(Path(__file__).parent / "templates")
    app.jinja_loader = ChoiceLoader([own, app.jinja_loader])
    app.add_url_rule("/styleguide/<page>", "styleguide", _page)
    app.add_url_rule("/equipe/styleguide/<page>", "styleguide_team", _page)
    app.add_url_rule("/styleguide/erreur/<int:code>", "styleguide_error", _error)
    for path in (
        "/rencontres",
        "/propositions",
        "/reponses",
        "/instances",
        "/quartiers",
        "/contrat",
        "/bilan",
        "/aide",
    ):
        if not any(rule.rule == path for rule in app.url_map.iter_rules()):
            app.add_url_rule(path, "styleguide_" + path[1:], _error, defaults={"code": 404})
    return app


def _page(page: str) -> str:
    if page == "public":
        flash("Votre avis est bien arrivé.", "success")
        flash("Il n'y a pas de réseau. Vos notes sont gardées ici.", "warning")
    form = _filled() if page in ("formulaire", "equipe") else _faulty() if page == "erreurs" else None
    return render_template(
        f"styleguide/{page}.html",
        form=form,
        search=Search(request.args),
        contract_name="Cœur de quartier",
        day=dt.date(2026, 3, 12),
    )


def _error(code: int) -> tuple[str, int]:
    return render_template(f"errors/{code}.html", message=None, contract_name="Cœur de quartier"), code


def _filled() -> Sample:
    form = Sample(formdata=None)
    form.title.data = "Café citoyen de la place de Rouen"
    form.level.data = "consultation"
    return form


def _faulty() -> Sample:
    form = Sample(MultiDict({"title": "", "text": "", "on": "hier", "count": "-2", "lines-0-people": "3"}))
    form.validate()
    form.refuse(Refusal("La rencontre est déjà annulée. Rechargez la page."))
    return form
