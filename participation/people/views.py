"""Sign-in, sign-out, own account. People's administration: admin.py."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeTimedSerializer

from participation.errors import Refusal
from participation.extensions import csrf, db
from participation.keys import new_token, settings
from participation.people import credentials, mails, queries, rates, rules, sessions, totp
from participation.people.forms import CodeForm, EnterForm, LinkForm, PasswordForm, PasswordSignInForm
from participation.people.models import ROLES, Account
from participation.permissions import actor, public, requires

bp = Blueprint("people", __name__)

TRIES = 10
"""Failed passwords of one account in a quarter of an hour; then only links are taken (security.md R05)."""
TRIES_OF_ADDRESS = 30
"""The same of one network address: a whole town hall may stand behind one."""
LINKS = 5
"""Links mailed to one address in a quarter of an hour. Each of them works: asking too often locks nobody out."""
ENROLMENT_SECONDS = 15 * 60


@bp.get("/equipe/connexion")
@public
def sign_in() -> Any:
    """Show the sign-in page."""
    suite = rules.local_path(request.args.get("suite"))
    if actor() is not None:
        return redirect(suite or _home(), 303)
    return _sign_in_page(LinkForm(suite=suite or ""))


@bp.post("/equipe/connexion")
@public
def send_link() -> Any:
    """Mail a one-time link, if the address has an account; the answer does not tell."""
    form = LinkForm()
    if not form.validate_on_submit():
        return _sign_in_page(form), 422
    try:
        email = rules.clean_email(form.email.data)
    except Refusal as refusal:
        form.refuse(refusal)
        return _sign_in_page(form), 422
    _queue_link(email, rules.local_path(form.suite.data))
    db.session.commit()
    return redirect(url_for("people.link_sent"), 303)


@bp.get("/equipe/connexion/envoye")
@public
def link_sent() -> str:
    """Say what happens next, the same for everybody."""
    return render_template("people/link_sent.html", minutes=settings().sign_in_link_minutes)


@bp.get("/equipe/entrer/<token>")
@public
def enter(token: str) -> Response:
    """Show the button of a one-time link; opening the page uses nothing up (mail scanners open every link)."""
    form = EnterForm(suite=rules.local_path(request.args.get("suite")) or "")
    return _enter_page(form, usable=rules.is_usable(db.session(), token))


@bp.post("/equipe/entrer/<token>")
@csrf.exempt  # the form checks its own token: without Referer, the extension would refuse it over TLS
@public
def use_link(token: str) -> Response:
    """Sign in by a one-time link, which is used up."""
    form = EnterForm()
    if not form.validate_on_submit():
        return _enter_page(EnterForm(formdata=None), usable=rules.is_usable(db.session(), token), status=422)
    try:
        account = rules.use_link(db.session(), token)
    except rules.DeadLink:
        db.session.rollback()
        return _enter_page(form, usable=False)
    return _unreferred(_signed_in(account, form.suite.data, by_link=True))


@bp.get("/equipe/connexion/mot-de-passe")
@public
def sign_in_by_password() -> str:
    """Show the form of address, password and one-time code."""
    suite = rules.local_path(request.args.get("suite"))
    return render_template("people/password_sign_in.html", form=PasswordSignInForm(suite=suite or ""))


@bp.post("/equipe/connexion/mot-de-passe")
@public
def check_password() -> Any:
    """Sign in by password."""
    form = PasswordSignInForm()
    if not form.validate_on_submit():
        return render_template("people/password_sign_in.html", form=form), 422
    tried = _tried(form.email.data)
    if any(rates.tries(db.session(), what, who) >= limit for what, who, limit in tried):
        return render_template("people/password_sign_in.html", form=form, slowed=True), 429
    try:
        account = credentials.check_password(db.session(), form.email.data, form.password.data, form.code.data or "")
    except Refusal as refusal:
        db.session.rollback()
        if isinstance(refusal, credentials.UnknownCredentials):
            for what, who, _limit in tried:
                rates.note(db.session(), what, who)
        db.session.commit()
        form.refuse(refusal)
        return render_template("people/password_sign_in.html", form=form), 422
    rates.forget(db.session(), *tried[0][:2])
    return _signed_in(account, form.suite.data, by_link=False)


@bp.post("/equipe/deconnexion")
@public
def sign_out() -> Response:
    """End the session; whoever has none is already out."""
    sessions.end()
    db.session.commit()
    answer = make_response(redirect(url_for("people.signed_out"), 303))
    # The cache alone: cookies of residents (language, support) and notes waiting to be sent are not this session's.
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@bp.get("/equipe/au-revoir")
@public
def signed_out() -> str:
    """Say that the session is over."""
    return render_template("people/signed_out.html")


@bp.get("/equipe/reglages")
@requires("account.own")
def own_settings() -> ResponseReturnValue:
    """Lead to one's own account, where all settings are."""
    return redirect(url_for(".own_account"))


@bp.get("/equipe/compte")
@requires("account.own")
def own_account() -> str:
    """Show one's own account."""
    return _account_page(PasswordForm())


@bp.post("/equipe/compte/mot-de-passe")
@requires("account.own")
def change_password() -> Any:
    """Choose a password; every other session of the account ends."""
    form, account = PasswordForm(), actor()
    if not form.validate_on_submit():
        return _account_page(form), 422
    who = str(account.id)
    if rates.tries(db.session(), "current password", who) >= TRIES:
        form.refuse(Refusal(_("Trop d'essais. Attendez un quart d'heure."), field="current"))
        return _account_page(form), 429
    if _needs_current(account) and not credentials.is_own_password(account, form.current.data):
        rates.note(db.session(), "current password", who)
        db.session.commit()
        form.refuse(Refusal(_("Ce n'est pas votre mot de passe d'aujourd'hui."), field="current"))
        return _account_page(form), 422
    try:
        credentials.set_password(db.session(), account, form.new.data)
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _account_page(form), 422
    return _stay(account, _("Votre mot de passe est enregistré. Vos autres connexions sont fermées."))


@bp.get("/equipe/compte/code")
@requires("account.own")
def second_factor() -> Response:
    """Show a new one-time code application to scan; nothing is kept until a code of it is typed."""
    if actor().identity is None:
        abort(404)
    seed = totp.new_seed()
    return _code_page(CodeForm(seed=_signer().dumps([actor().id, seed])), seed)


@bp.post("/equipe/compte/code")
@requires("account.own")
def enrol_code() -> Any:
    """Keep the application whose code was typed."""
    form, account = CodeForm(), actor()
    try:
        number, seed = _signer().loads(form.seed.data or "", max_age=ENROLMENT_SECONDS)
    except BadSignature:
        number, seed = None, ""
    if number != account.id:
        flash(_("Cette page était ouverte depuis trop longtemps. Recommencez avec ce nouveau dessin."), "warning")
        return redirect(url_for("people.second_factor"), 303)
    if not form.validate_on_submit():
        return _code_page(form, seed, 422)
    try:
        credentials.enrol_code(db.session(), account, seed, form.code.data)
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _code_page(form, seed, 422)
    return _stay(account, _("Le code à usage unique est réglé. Vos autres connexions sont fermées."))


@bp.post("/equipe/compte/code/retirer")
@requires("account.own")
def drop_code() -> Response:
    """Sign in without one-time codes again."""
    account = actor()
    credentials.drop_code(db.session(), account)
    return _stay(account, _("Le code à usage unique est retiré."))


def _queue_link(email: str, suite: str | None) -> None:
    session = db.session()
    flooded = rates.tries(session, "link", email) >= LINKS
    rates.note(session, "link", email)
    account = queries.find_by_email(session, email)
    token = None if flooded or account is None else _issue(account)
    if token is None:
        _take_as_long(email)
    else:
        mails.queue_link(session, email, rules.link_url(token, suite), invitation=False)


def _issue(account: Account) -> str | None:
    try:
        return rules.issue_link(db.session(), account, "sign_in")
    except Refusal:  # closed, or an invitation that has ended: silence, as for an unknown address
        return None


def _take_as_long(email: str) -> None:
    """Do the work of a link and its mail, and undo it: the time of an answer must not tell who has an account."""
    session, token = db.session(), new_token()
    with session.begin_nested() as point:
        queries.invitations(session, [0])
        for number in range(2):
            mails.queue_link(session, email, rules.link_url(f"{token}{number}"), invitation=False)
        point.rollback()


def _tried(email: str) -> tuple[tuple[str, str, int], ...]:
    account = ("password", email.strip().lower(), TRIES)
    return account, ("password from", request.remote_addr or "", TRIES_OF_ADDRESS)


def _signed_in(account: Account, suite: str | None, *, by_link: bool) -> Response:
    sessions.start(account, by_link=by_link)
    db.session.commit()
    return make_response(redirect(rules.local_path(suite) or _home(), 303))


def _stay(account: Account, message: str) -> Response:
    """Sign in anew the browser that has just ended all sessions of its account, its own included."""
    by_link = sessions.opened_by_link()
    sessions.start(account, by_link=by_link)
    db.session.commit()
    flash(message, "success")
    return make_response(redirect(url_for("people.own_account"), 303))


def _needs_current(account: Account) -> bool:
    """Whoever came by a link may have forgotten it: the mailbox has answered for them."""
    return bool(account.identity and account.identity.password_hash) and not sessions.opened_by_link()


def _home() -> str:
    return url_for("team.home") if "team.home" in current_app.view_functions else url_for("people.own_account")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="one-time code application")


def _sign_in_page(form: LinkForm) -> str:
    return render_template("people/sign_in.html", form=form, mails_leave=bool(settings().mail_url))


def _enter_page(form: EnterForm, *, usable: bool, status: int | None = None) -> Response:
    page = render_template("people/enter.html", form=form, usable=usable)
    return _unreferred(make_response(page, status or (200 if usable else 410)))


def _account_page(form: PasswordForm) -> str:
    account = actor()
    return render_template(
        "people/account.html",
        form=form,
        account=account,
        roles=ROLES,
        places=queries.place_names(db.session()),
        needs_current=_needs_current(account),
        needs_code=account.role in credentials.NEEDS_CODE,
    )


def _code_page(form: CodeForm, seed: str, status: int = 200) -> Response:
    import segno

    address = totp.address(seed, actor().identity.email)
    drawing = segno.make(address, error="m", micro=False)
    page = render_template(
        "people/code.html",
        form=form,
        secret=" ".join(totp.secret(seed)[start : start + 4] for start in range(0, 32, 4)),
        drawing=drawing.svg_data_uri(border=4, scale=5, light="#fff"),
    )
    return _private(make_response(page, status))


def _private(answer: Response) -> Response:
    """Keep an answer that shows a secret out of caches."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _unreferred(answer: Response) -> Response:
    """Keep an answer whose address is a secret out of caches, and its address out of Referer."""
    answer.headers["Referrer-Policy"] = "no-referrer"
    return _private(answer)
