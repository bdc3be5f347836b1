"""The assessment as one HTML file, to be kept and printed: no address, no script, its style inside."""

from flask import current_app
from markupsafe import Markup

from participation.assessment import words
from participation.assessment.frame import Frame
from participation.assessment.results import Assessment
from participation.assets import OWN


def as_html(assessment: Assessment, frame: Frame) -> str:
    """Return the document: every figure in words, then what each counted. Needs an application, not a request."""
    style = (OWN / "style.css").read_text(encoding="utf-8")
    template = current_app.jinja_env.get_template("assessment/document.html")
    return template.render(
        assessment=assessment,
        blocks=words.blocks(assessment, frame),
        written=words.written,
        coverage_of=words.coverage_of,
        style=Markup(style.replace("</", "<\\/")),  # noqa: S704  # the program's own file
    )
