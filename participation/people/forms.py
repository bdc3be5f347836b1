"""What people type to sign in, to keep their own account, to invite others."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from participation.forms import CheckboxListField, CreatingForm, EditingForm, Form, at_most, needed
from participation.people.models import ROLES, SCOPE_KINDS
from participation.permissions import Place


class LinkForm(Form):
    """Ask for a one-time link."""

    email = EmailField(
        _l("Votre adresse de courriel"),
        [needed(_l("Écrivez votre adresse, comme prenom.nom@exemple.fr.")), at_most(254)],
    )
    suite = HiddenField()


class EnterForm(Form):
    """The button of a one-time link."""

    suite = HiddenField()


class PasswordSignInForm(Form):
    """Sign in by password."""

    email = EmailField(
        _l("Votre adresse de courriel"),
        [needed(_l("Écrivez votre adresse, comme prenom.nom@exemple.fr.")), at_most(254)],
    )
    password = PasswordField(_l("Mot de passe"), [needed(_l("Écrivez votre mot de passe.")), at_most(1000)])
    code = StringField(
        _l("Code à usage unique"),
        [at_most(20)],
        description=_l("Les six chiffres de l'application de votre téléphone, si vous l'avez réglée."),
    )
    suite = HiddenField()


class PasswordForm(Form):
    """Choose a password."""

    current = PasswordField(_l("Mot de passe d'aujourd'hui"), [at_most(1000)])
    new = PasswordField(
        _l("Nouveau mot de passe"),
        [needed(_l("Écrivez un nouveau mot de passe.")), at_most(1000)],
        description=_l("12 caractères au moins. Plusieurs mots à la suite font un bon mot de passe."),
    )


class CodeForm(Form):
    """Confirm a one-time code application."""

    seed = HiddenField()
    code = StringField(
        _l("Les six chiffres que l'application montre"), [needed(_l("Tapez les six chiffres.")), at_most(20)]
    )


class _Invited(Form):
    """Whom an invitation is for: asked first."""

    email = EmailField(
        _l("Adresse de courriel"), [needed(_l("Écrivez l'adresse, comme prenom.nom@exemple.fr.")), at_most(254)]
    )


class AccountFields(Form):
    """What an invitation and a change share."""

    role = SelectField(_l("Rôle"), [needed(_l("Choisissez un rôle."))])
    function = StringField(
        _l("Fonction"),
        [needed(_l("Écrivez la fonction, par exemple « Animatrice, centre social ».")), at_most(200)],
        description=_l("Elle se lit dans les historiques. Une fonction, pas un nom."),
    )
    scopes = CheckboxListField(
        _l("Où cette personne agit"),
        description=_l("Rien à cocher pour l'équipe du contrat et les chefs de projet : ils agissent partout."),
    )

    def offer(self, roles: Iterable[str], places: dict[str, list[tuple[str, str]]]) -> None:
        """Offer these roles and places."""
        self.role.choices = [SelectChoice(role, ROLES[role]) for role in roles]
        self.scopes.choices = [
            SelectChoice(f"{kind}:{slug}", name, optgroup=str(SCOPE_KINDS[kind]))
            for kind, named in places.items()
            for slug, name in named
        ]

    def chosen_places(self) -> list[Place]:
        """Return the ticked places."""
        pairs = (value.partition(":") for value in self.scopes.data or [])
        return [(kind, slug) for kind, _colon, slug in pairs]


class InviteForm(_Invited, AccountFields, CreatingForm):
    """Invite somebody. No role stands chosen: the first of the list may do everything."""

    def offer(self, roles: Iterable[str], places: dict[str, list[tuple[str, str]]]) -> None:
        """Offer these roles and places."""
        super().offer(roles, places)
        self.role.choices = [SelectChoice("", _l("Choisissez")), *(self.role.choices or ())]


class AccountForm(AccountFields, EditingForm):
    """Change somebody's role, places, function."""

    def show(self, account: Any) -> None:
        """Fill the form with the account as it is."""
        self.role.data, self.function.data = account.role, account.function
        self.scopes.data = [f"{scope.kind}:{scope.slug}" for scope in account.scopes]
        self.version.data = account.version
