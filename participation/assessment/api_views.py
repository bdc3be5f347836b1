"""The assessment for programs: `/api/v1/indicateurs` and its description. Strict: what cannot be read is a fault."""

from flask import Response, json, request
from flask_babel import gettext as _

from participation.assessment import outputs
from participation.assessment.frame import find_frame
from participation.assessment.openapi import description
from participation.assessment.period import Period, read_day
from participation.assessment.reading import Reading, WrongQuestion
from participation.assessment.scope import Scope
from participation.assessment.views import bp
from participation.errors import Refusal
from participation.extensions import db
from participation.permissions import actor, may, public

QUESTIONS = ("annee", "perimetre", "au")


@bp.get("/api/v1/indicateurs")
@public
def api() -> Response:
    """Give the assessment as JSON: `annee`, and optionally `perimetre`; `au` for the team and the élus alone."""
    try:
        answer = outputs.as_dict(_asked().assess(rows=True))
    except Refusal as refusal:
        return _json({"erreur": refusal.message}, refusal.status)
    return _json(answer, 200)


@bp.get("/api/v1/openapi.json")
@public
def openapi() -> Response:
    """Give the OpenAPI description of the address above."""
    answer = Response(json.dumps(description(), ensure_ascii=False, sort_keys=False), mimetype="application/json")
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _asked() -> Reading:
    _check_names()
    try:
        period = Period.parse(request.args["annee"])
        scope = Scope.parse(request.args.get("perimetre", str(Scope())))
        day = read_day(request.args["au"]) if "au" in request.args else None
    except ValueError as fault:
        raise WrongQuestion(str(fault)) from None
    reading = Reading(find_frame(db.session(), period, scope, day), full=True)
    if may("assessment.full", reading):
        return reading
    if "au" in request.args or not scope.public:
        raise _Reserved(_("Les instances et le paramètre au sont réservés à l'équipe et aux élus. Connectez-vous."))
    return Reading(reading.frame, full=False)


def _check_names() -> None:
    """Raise WrongQuestion for a parameter that is unknown, missing or given twice."""
    unknown = sorted(set(request.args) - set(QUESTIONS))
    if unknown:
        raise WrongQuestion(
            _("Paramètre inconnu : %(names)s. Connus : annee, perimetre, au.", names=", ".join(unknown))
        )
    twice = [name for name in QUESTIONS if len(request.args.getlist(name)) > 1]
    if twice:
        raise WrongQuestion(_("Donnez une seule fois le paramètre %(name)s.", name=twice[0]))
    if "annee" not in request.args:
        raise WrongQuestion(_("Il manque le paramètre annee, par exemple annee=2025."))


class _Reserved(Refusal):
    """Only the team and the élus may ask this."""

    @property
    def status(self) -> int:  # type: ignore[override]
        """A stranger is told to sign in; somebody without the right, that there is nothing."""
        return 404 if actor() else 401


def _json(content: object, status: int) -> Response:
    answer = Response(json.dumps(content, ensure_ascii=False, sort_keys=False), status, mimetype="application/json")
    answer.headers["Cache-Control"] = "private, no-cache"  # counts move at once, and what is shown depends on who asks
    answer.vary.add("Cookie")
    return answer
