"""Every form of the program: a field that is needed never says that it is not, and one that is not needed says so."""

from collections.abc import Iterator
from typing import Any

from flask import Flask, render_template_string
from werkzeug.datastructures import MultiDict
from wtforms import Field, FieldList, FormField, HiddenField, SelectField, SelectMultipleField

from participation.forms import Form

_FIELD = """{% import "components/ui.html" as ui %}{{ ui.field(field) }}"""
MARK = "(pas obligatoire)"


def _forms(kind: type[Form] = Form) -> Iterator[type[Form]]:
    for one in kind.__subclasses__():
        if one.__module__.startswith("participation.") and not one.__name__.startswith("_"):
            yield one
        yield from _forms(one)


def _sent_empty(kind: type[Form]) -> Form:
    """Return the form as it is when nothing at all was filled in; its lists have an empty line where they get theirs
    from the database.
    """
    names = [field.name for field in kind(formdata=None, meta={"csrf": False}) if type(field) is SelectField]
    form = kind(formdata=MultiDict(dict.fromkeys(names, "")), meta={"csrf": False})  # as browsers send lists
    _offer(form)
    try:
        form.validate()
    except AttributeError:  # it compares with what a page offered: its fields speak for themselves
        for field in form:
            field.validate(form)
    return form


def _offer(form: Any) -> None:
    for field in form:
        if isinstance(field, FieldList):
            for entry in field:
                _offer(entry.form)
        elif not getattr(field, "choices", True):
            field.choices = [("", "Aucun")]


def _is_one_of(field: Any) -> bool:
    """Whether the field is a list from which something is always chosen."""
    one = hasattr(field, "iter_choices") and not isinstance(field, SelectMultipleField)
    return one and "" not in [choice.value for choice in field.iter_choices()]


def _shown(form: Form) -> Iterator[Field]:
    boxes = (HiddenField, FieldList, FormField)
    for field in form:
        if not isinstance(field, boxes) and getattr(field.widget, "input_type", "") not in ("hidden", "checkbox"):
            yield field


def _all_forms() -> list[type[Form]]:
    return sorted(set(_forms()), key=lambda kind: (kind.__module__, kind.__name__))


def test_there_are_forms(app: Flask) -> None:
    assert len(_all_forms()) > 60


def test_only_what_is_not_needed_says_so(app: Flask) -> None:
    faults = []
    with app.test_request_context(method="POST"):
        for kind in _all_forms():
            form = _sent_empty(kind)
            for field in _shown(form):
                needed = bool(field.errors) or bool(field.flags.required) or _is_one_of(field)
                if needed == (MARK in render_template_string(_FIELD, field=field)):
                    faults.append(
                        f"{kind.__module__}.{kind.__name__}.{field.name}: {'needed' if needed else 'optional'}"
                    )
    assert not faults, "\n".join(faults)
