"""The measures of a page on the screen see what they are there to see (support/screen.py)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.support import screen

Check = Callable[[Page], None]
LARGE = "width:90px;height:50px"
GOOD = f"""<main style="width:300px"><h1>Avis</h1><p>Voir <a href="/avis" style="padding:2px 0">les avis</a>.</p>
<form><button style="{LARGE}">Aller</button></form>
<div class="quote">Des bancs.</div>
<p><a href="/signaler/avis/avis-1" style="display:inline-block;height:24px">Signaler</a></p>
</main>"""
SMALL = '<button style="width:90px;height:20px">Aller</button>'
NARROW = '<button style="width:20px;height:50px">A</button>'
CUT = '<p style="overflow:hidden;height:1em">Des bancs pour les parents, qui attendent longtemps devant la grille.</p>'
OVER = f'<button style="{LARGE}">Un</button><button style="margin-left:-40px;{LARGE}">Deux</button>'
WIDE = '<pre style="width:900px">Trop large</pre>'
FAULTS: list[tuple[Check, str, str]] = [
    (screen.assert_targets_fit_a_thumb, SMALL, "90 x 20"),
    (screen.assert_targets_fit_a_thumb, NARROW, "20 x 50"),
    (screen.assert_bears_large_text, CUT, "cut"),
    (screen.assert_bears_spaced_text, CUT, "cut"),
    (screen.assert_bears_large_text, OVER, "one over the other"),
    (screen.assert_bears_spaced_text, WIDE, "pixels wide"),
    (screen.assert_texts_can_be_reported, '<div class="quote">Une fontaine.</div>', "1 opinions"),
    (screen.assert_texts_can_be_reported, '<div class="minutes">Nous avons parlé.</div>', "1 minutes"),
]


@pytest.mark.parametrize("check", sorted({check for check, _piece, _fault in FAULTS}, key=lambda one: one.__name__))
def test_a_good_page_has_no_fault(phone: Page, check: Check):
    phone.set_content(GOOD)
    check(phone)


@pytest.mark.parametrize(("check", "piece", "fault"), FAULTS)
def test_a_bad_page_has_its_fault(phone: Page, check: Check, piece: str, fault: str):
    phone.set_content(GOOD.replace("</main>", f"{piece}</main>"))
    with pytest.raises(AssertionError, match=fault):
        check(phone)
