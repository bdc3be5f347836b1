"""Who may do what, on one page (security.md, section 2).

A permission is a predicate over an account (None: nobody is signed in) and the object, if there is one. `may()` is
the same in templates and in routes, so a button and its route cannot disagree. Every route says its right with
`@requires` or `@public`; one that does not stops the start-up.
"""

import functools
from collections.abc import Callable
from typing import Any, Protocol

from flask import Flask, Response, abort, redirect, render_template, request, url_for
from flask_login import current_user


class Scope(Protocol):
    """Where an account may act."""

    kind: Any
    slug: Any


class Acting(Protocol):
    """An account, seen as far as rights need."""

    role: Any
    active: Any
    scopes: Any


Place = tuple[str, str]
"""(`commune` | `quartier` | `instance`, slug)."""


class Placed(Protocol):
    """An object that belongs somewhere: `places()` names every instance, commune and quartier it belongs to."""

    def places(self) -> set[Place]:
        """Return every place the object belongs to."""
        ...


Predicate = Callable[[Acting | None, Any], bool]


def in_scope(account: Acting, thing: Placed | None) -> bool:
    """Whether one of the account's scopes is one of the thing's places.

    A joint meeting belongs to each of its instances, so a right on any of them is enough (security.md, Settled).
    Without a thing the question is whether the account may do it anywhere at all.
    """
    if thing is None:
        return bool(account.scopes)
    return not {(scope.kind, scope.slug) for scope in account.scopes}.isdisjoint(thing.places())


def _roles(*everywhere: str, scoped: tuple[str, ...] = ()) -> Predicate:
    """Return the predicate: `everywhere` roles always, `scoped` ones where the object is theirs."""

    def predicate(account: Acting | None, thing: Any) -> bool:
        if account is None or not account.active:
            return False
        return account.role in everywhere or (account.role in scoped and in_scope(account, thing))

    return predicate


def _anyone(account: Acting | None, thing: Any) -> bool:
    return True


TEAM = ("admin", "chef_projet")

PERMISSIONS: dict[str, Predicate] = {
    # everybody
    "public": _anyone,
    # anyone signed in
    "account.own": _roles(*TEAM, "animateur", "elu", "representant"),
    "team.home": _roles(*TEAM, "animateur", "elu", "representant"),
    # meetings
    "meeting.create": _roles(*TEAM, scoped=("animateur", "representant")),
    "meeting.edit": _roles(*TEAM, scoped=("animateur", "representant")),
    "meeting.live": _roles(*TEAM, scoped=("animateur", "representant")),
    "meeting.headcounts": _roles(*TEAM, scoped=("animateur", "representant", "elu")),
    # opinions
    "opinion.create": _roles(*TEAM, scoped=("animateur", "representant", "elu")),
    "opinion.read": _roles(*TEAM, scoped=("animateur",)),
    "opinion.moderate": _roles(*TEAM, scoped=("animateur",)),
    "opinion.answer": _roles(*TEAM, scoped=("animateur", "elu")),
    # proposals
    "proposal.create": _roles(*TEAM, scoped=("animateur", "representant")),
    "proposal.edit": _roles(*TEAM, scoped=("animateur", "representant")),
    "proposal.step": _roles(*TEAM, scoped=("animateur", "representant", "elu")),
    "proposal.decide": _roles(*TEAM, scoped=("elu",)),
    "proposal.decide_at_meeting": _roles(*TEAM, scoped=("elu", "animateur")),
    "proposal.told": _roles(*TEAM, scoped=("animateur", "elu")),
    "proposal.void_step": _roles(*TEAM, scoped=("animateur",)),
    # between instances
    "relay.edit": _roles(*TEAM, scoped=("animateur", "representant")),
    "answers.own": _roles("elu"),
    # campaigns
    "campaign.edit": _roles(*TEAM, scoped=("animateur",)),
    # what the contract asks for
    "obligation.read": _roles(*TEAM, scoped=("animateur", "representant", "elu")),
    # quartiers: what is asked there between meetings
    "quartier.ask": _roles(*TEAM, scoped=("animateur",)),
    # bodies
    "body.manage": _roles(*TEAM),
    "mandate.edit": _roles(*TEAM, scoped=("animateur", "representant")),
    "mandate.names": _roles(scoped=("animateur",)),
    # people
    "people.invite": _roles(*TEAM),
    "people.manage": _roles("admin"),
    # tables
    "data.import": _roles(*TEAM, scoped=("animateur",)),
    "data.export": _roles(*TEAM),
    # assessment
    "assessment.full": _roles(*TEAM, "elu", scoped=("animateur", "representant")),
    "assessment.comment": _roles(*TEAM, "elu", scoped=("animateur",)),
    "assessment.close": _roles("admin"),
    "assessment.sign": _roles("elu"),
    # contract and journal
    "contract.manage": _roles("admin"),
    "journal.read": _roles(*TEAM),
}


def actor() -> Any:
    """Return the signed-in account, or None."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def may(permission: str, thing: Any = None) -> bool:
    """Whether the person of this request may do it (to that thing). Raises KeyError on an unknown permission."""
    return PERMISSIONS[permission](actor(), thing)


def requires(
    permission: str, load: Callable[..., Any] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a route's right; load its object from the address, if `load` is given, and hand it to the view.

    `load` gets the address's arguments and returns the object or raises NotFound. A stranger is sent to sign-in;
    somebody without the right gets 404, as for an object that does not exist (interfaces.md).
    """
    PERMISSIONS[permission]

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def guarded(**arguments: Any) -> Any:
            if actor() is None and permission != "public":
                return ask_to_sign_in()
            thing = load(**arguments) if load else None
            if not may(permission, thing):
                abort(404)
            return view(thing) if load else view(**arguments)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return declare


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Declare a route that anybody may open."""
    view.permission = "public"  # type: ignore[attr-defined]
    return view


def ask_to_sign_in() -> Any:
    """Return the answer to a stranger: sign in, then come back; what a form holds stays in the browser."""
    if request.method in {"GET", "HEAD"}:
        return redirect(url_for("people.sign_in", suite=request.full_path.rstrip("?")), 303)
    # What was typed is still in the browser: sign in elsewhere, reload, and the same form goes once.
    return Response(render_template("errors/401.html"), 401)


def check_every_route(app: Flask) -> None:
    """Refuse to start with a route whose right is not declared. Raises RuntimeError naming them."""
    undeclared = sorted(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not hasattr(app.view_functions[rule.endpoint], "permission")
    )
    if undeclared:
        raise RuntimeError("routes without a declared right: " + ", ".join(undeclared))
