"""Paper: tagged documents with a title and a language, that no sign of any script can stop."""

import logging
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participation import printing, qr
from participation.printing import MISSING, pdf
from tests.support.apps import make_app
from tests.support.paper import codes_of, open_pdf, pages_of, words_of
from tests.support.pdf_ua import pdf_faults

ADDRESS = "HTTPS://PARTICIPATION.EXEMPLE.FR/M/CAFE-DU-QUAI-K7X2P"


def poster(**changes: object) -> dict[str, object]:
    return {
        "site": "Participation",
        "contract": "Contrat d'essai",
        "demo": None,
        "kicker": None,
        "heading": "Que changer ?",
        "questions": [],
        "qr": qr.drawn_for_paper(ADDRESS, label="Code à scanner"),
        "steps": ["Scannez.", "Parlez ou écrivez.", "Sans compte."],
        "typed": {"before": "Ou tapez :", "address": "EXEMPLE.FR/C", "then": "puis", "digits": "4821", "after": None},
        "no_phone": "Prenez une carte.",
        "others": [],
        "what": "Café du Quai",
        "facts": ["Jeudi 12 mars 2026"],
    } | changes


def test_a_document_is_tagged_and_says_its_title_and_language():
    content = pdf("poster", poster(), title="Affiche : Café du Quai", language="fr")
    assert not pdf_faults(content)
    assert open_pdf(content).get_metadata_dict()["Title"] == "Affiche : Café du Quai"
    assert b"/Lang(fr)" in content
    assert "Que changer ?" in words_of(content)
    assert codes_of(content) == [ADDRESS]


def test_the_same_data_gives_the_same_bytes():
    assert pdf("poster", poster(), title="Affiche") == pdf("poster", poster(), title="Affiche")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Merci 😀 pour tout", f"Merci {MISSING} pour tout"),
        ("Place 市场 du marché", f"Place {MISSING} du marché"),
        ("un\u0001 contrôle", "un contrôle"),
        ("e\u0301cole, e\U0001e8d0tude", "école, etude"),
        ("👩🏽‍🌾 jardin", "jardin"),
        ("বাজার", MISSING),
        ("Un été a\u20e3 é\u20e3, ◌\u0e49 encore", "Un été a é, ◌ encore"),
    ],
)
def test_signs_that_no_font_has_do_not_stop_a_document(said: str, kept: str, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        content = pdf("poster", poster(heading=said, facts=[said] * 3), title="Affiche")
    assert not pdf_faults(content)
    assert kept in words_of(content)
    assert "replaced" in caplog.text
    assert said not in caplog.text, "what people write does not go to the log"


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
def test_no_text_whatever_stops_a_document_or_costs_it_its_guarantees(said: str):
    content = pdf("poster", poster(heading=f"Début {said} fin"), title="Affiche")
    assert not pdf_faults(content)
    assert words_of(content).count("fin") >= 1


@pytest.mark.parametrize("said", ["Привет, Їжак", "Ελλάδα", "ğış ăâîșț ąęłńśźż", "Ŋŋ ɣɛ ḍḥṛṣṭẓ čǧ", "ماذا تريدون؟"])
def test_other_scripts_that_are_read_here_are_printed(said: str, caplog: pytest.LogCaptureFixture):
    assert not pdf_faults(pdf("poster", poster(heading=said), title=said))
    assert not caplog.records


def test_arabic_is_drawn_and_reads_from_its_own_side():
    """A picture is the only proof: letters joined, and the line begins at the far side."""
    said = {"lang": "ar", "text": "تكلّموا أو اكتبوا"}
    [with_arabic] = pages_of(pdf("poster", poster(others=[said]), title="Affiche"))
    [without] = pages_of(pdf("poster", poster(), title="Affiche"))
    assert with_arabic.size == without.size
    near_side, far_side = (_ink(with_arabic, part) for part in ((0.04, 0.5), (0.7, 0.97)))
    assert far_side > near_side


def _ink(picture: object, part: tuple[float, float]) -> int:
    """Return how many dark dots the band of the other languages has in this part of its width."""
    width, height = picture.size  # type: ignore[attr-defined]
    band = picture.crop((int(width * part[0]), int(height * 0.845), int(width * part[1]), int(height * 0.885)))  # type: ignore[attr-defined]
    return sum(band.point(lambda grey: 1 if grey < 128 else 0).tobytes())


@pytest.mark.parametrize("length", [1, 40, 90, 200, 300])
def test_a_question_of_any_length_stays_on_one_page(length: int):
    said = ("Pourquoi le marché " * 20)[:length]
    for name in ("poster", "table_cards"):
        content = pdf(name, poster(heading=said, questions=[said] * 5 if name == "poster" else []), title="Affiche")
        assert len(open_pdf(content)) == 1
        assert len(codes_of(content)) == (1 if name == "poster" else 4)


def test_data_is_never_code():
    content = pdf("poster", poster(heading="#panic() $x$ *gras* <b> \\ // `"), title='"#set')
    assert "#panic() $x$ *gras* <b>" in words_of(content)


def test_a_template_at_fault_says_so():
    with pytest.raises(Exception, match="dictionary does not contain key"):
        pdf("poster", {}, title="Affiche")


def test_several_threads_print_at_once():
    made: list[bytes] = []
    threads = [threading.Thread(target=lambda: made.append(pdf("poster", poster(), title="A"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    assert len(made) == 6


def test_a_sign_that_stays_refused_costs_the_guarantees_not_the_document(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(printing, "_replaced", lambda value, signs: value)
    content = pdf("poster", poster(heading="市"), title="Affiche")
    assert len(open_pdf(content)) == 1
    assert b"pdfuaid:part" not in content


@pytest.mark.parametrize("demo", [True, False])
def test_a_demonstration_says_so_on_paper(db_url: str, tmp_path: Path, demo: bool):
    app = make_app(db_url, tmp_path / "instance", demo=demo)
    with app.test_request_context():
        said = words_of(pdf("poster", poster(**printing.letterhead("Contrat")), title="Affiche"))
    assert ("Données de démonstration : tout est fictif." in said) is demo


# QR


@pytest.mark.parametrize(
    ("public_url", "path", "address"),
    [
        ("https://exemple.fr", "/m/cafe-12", "HTTPS://EXEMPLE.FR/M/CAFE-12"),
        ("https://exemple.fr/", "/M/CAFE-12", "HTTPS://EXEMPLE.FR/M/CAFE-12"),
        ("https://exemple.fr", "/m/cafe_12", "https://exemple.fr/m/cafe_12"),
        ("https://exemple.fr/dossier", "/m/cafe", "https://exemple.fr/dossier/m/cafe"),
    ],
)
def test_an_address_is_in_capitals_where_that_is_shorter_and_safe(public_url: str, path: str, address: str):
    assert qr.public_address(public_url, path) == address


def test_a_code_for_pages_has_no_style_and_keeps_its_margin():
    drawn = str(qr.qr_svg(ADDRESS, label='Code "à" scanner'))
    assert "style" not in drawn
    assert 'role="img" aria-label="Code &#34;à&#34; scanner"' in drawn
    assert 'viewBox="0 0 37 37"' in drawn, "29 modules and four on each side"
    assert 'aria-hidden="true"' in str(qr.qr_svg(ADDRESS))
