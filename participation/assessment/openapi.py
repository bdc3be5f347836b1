"""OpenAPI 3.1 description of `/api/v1/indicateurs` (interfaces.md). Its schemas are JSON Schema 2020-12."""

from typing import Any

from participation.assessment.indicators import INDICATORS
from participation.assessment.open_data import WHY
from participation.assessment.period import DAY, PERIODS
from participation.assessment.scope import KINDS

VERSION = "1.0.0"
"""Of the API: a new last field is a minor version, anything else another address than /api/v1/."""

_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_REFS: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
_PERIODS = "|".join(sorted(PERIODS))


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


def _object(properties: dict[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _schemas() -> dict[str, Any]:
    return {
        "Bilan": _object(
            {
                "contract": {"type": "string", "description": "Nom court du contrat."},
                "year": {
                    "description": "Année civile, ou période écrite comme un texte.",
                    "oneOf": [{"type": "integer", "minimum": 1000, "maximum": 2999}, {"enum": sorted(PERIODS)}],
                },
                "scope": _object({"kind": {"enum": list(KINDS)}, "slug": {"type": ["string", "null"]}}),
                "as_of": {"type": "string", "format": "date", "description": "Jour auquel la situation est lue."},
                "rules": {"type": "string", "description": "Version des définitions."},
                "closed": {"type": "null", "description": "Ce sont les chiffres du jour, jamais une version fermée."},
                "indicators": _object({code: {"$ref": "#/components/schemas/Indicateur"} for code in INDICATORS}),
            }
        ),
        "Indicateur": _object(
            {
                "value": {"type": ["number", "null"], "description": "Une part est entre 0 et 1. Null : inconnue."},
                "why": {"enum": list(WHY), "description": "Pourquoi la valeur est inconnue."},
                "numerator": _or_null(_COUNT),
                "denominator": _or_null(_COUNT),
                "coverage": {"oneOf": [{"$ref": "#/components/schemas/Couverture"}, {"type": "null"}]},
                "rows": {**_REFS, "description": "Identifiants de ce qui est compté."},
                "of_rows": {**_REFS, "description": "Identifiants de ce sur quoi la part est calculée."},
                "by": {"type": "object", "description": "Le compte, détaillé."},
            },
            optional=("why", "numerator", "denominator", "coverage", "rows", "of_rows", "by"),
        ),
        "Couverture": _object({"counted": _COUNT, "of": _COUNT}),
        "Erreur": _object({"erreur": {"type": "string", "description": "Ce qui ne va pas et que faire, en français."}}),
    }


def _answer(what: str, schema: str) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"description": what, "content": {"application/json": {"schema": reference}}}


def _parameter(name: str, what: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "description": what, "schema": schema}


_SCOPE = r"^(contract|(commune|quartier|instance):.+)$"


def _question() -> list[dict[str, Any]]:
    year = {"type": "string", "pattern": rf"^([12][0-9]{{3}}|{_PERIODS})$", "examples": ["2025"]}
    place = {"type": "string", "pattern": _SCOPE, "default": "contract", "examples": ["commune:arras"]}
    day = {"type": "string", "format": "date", "pattern": f"^{DAY}$", "examples": ["2026-01-31"]}
    return [
        _parameter("annee", "Année civile, ou l'une des deux périodes du contrat.", year, required=True),
        _parameter(
            "perimetre", "Le contrat, une commune, un quartier ; une instance pour l'équipe et les élus.", place
        ),
        _parameter("au", "Jour auquel la situation est lue : pour l'équipe et les élus, qui sont connectés.", day),
    ]


def description() -> dict[str, Any]:
    """Return the whole document."""
    operation = {
        "operationId": "indicateurs",
        "summary": "Les indicateurs du contrat pour une année",
        "description": (
            "Chaque indicateur avec les identifiants de ce qu'il compte. Pour le public, un effectif d'habitants de "
            "1 à 4 personnes, ou ce qui permettrait de le calculer, est null avec le motif petit_effectif."
        ),
        "parameters": _question(),
        "responses": {
            "200": _answer("Les indicateurs.", "Bilan"),
            "400": _answer("La question n'est pas comprise.", "Erreur"),
            "401": _answer("Réservé à l'équipe et aux élus : il faut se connecter.", "Erreur"),
            "404": _answer("Ce périmètre n'existe pas, ou pas pour vous.", "Erreur"),
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Participation : indicateurs",
            "version": VERSION,
            "license": {"name": "Licence Ouverte 2.0", "identifier": "etalab-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": {"/api/v1/indicateurs": {"get": operation}},
        "components": {"schemas": _schemas()},
    }
