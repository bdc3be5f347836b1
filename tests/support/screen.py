"""What a page owes thumbs, weak eyes and readers who object, measured on the screen as it stands."""

from typing import Any

from playwright.sync_api import Page

from tests.support.browser import assert_no_sideways_scroll, wait_until_loaded

THUMB, LINE = 48, 24
"""Pixels: the least height of a control, and of a link within a text (ux.md R23; WCAG 2.5.8)."""
NARROWEST = 44
"""Pixels: the least width of a control."""

_SEEN = "const seen = e => e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().width > 2;"
_SMALL = (
    "([thumb, line, narrowest]) => {"
    + _SEEN
    + """
  const small = [];
  const texts = 'p, figcaption, li, dd, td, th, h2, h3, h4';
  for (const e of document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), select, textarea')) {
    const box = (e.closest('.option') || e).getBoundingClientRect();
    const inText = e.tagName === 'A' && /^inline/.test(getComputedStyle(e).display) && e.closest(texts);
    const height = inText ? Math.max(...Array.from(e.getClientRects(), one => one.height)) : box.height;
    const least = inText && !e.closest('header, footer, .choices') ? line : thumb;
    if (seen(e) && (height < least - .5 || box.width < (least === thumb ? narrowest : e.closest('td') ? line : 0)))
      small.push(`${e.outerHTML.slice(0, 90)}: ${Math.round(box.width)} x ${Math.round(height)}`);
  }
  return small;
}"""
)
_CLIPPED = (
    "() => {"
    + _SEEN
    + """
  return Array.from(document.querySelectorAll('body *'))
    .filter(e => e.tagName !== 'INPUT' && seen(e) && /hidden|clip/.test(getComputedStyle(e).overflow))
    .filter(e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
    .map(e => e.outerHTML.slice(0, 90));
}"""
)
_OVERLAPPING = (
    "() => {"
    + _SEEN
    + """
  const controls = 'main a[href], main button, main summary, main select, main textarea, main input:not([type=hidden])';
  const all = Array.from(document.querySelectorAll(controls)).filter(seen).map(e => [e, e.getBoundingClientRect()]);
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  const found = [];
  all.forEach(([one, a], n) => all.slice(n + 1).forEach(([other, b]) => {
    const apart = getComputedStyle(one).display === 'inline' || getComputedStyle(other).display === 'inline'
      || one.contains(other);
    if (!apart && meet(a, b)) found.push(one.outerHTML.slice(0, 60) + ' / ' + other.outerHTML.slice(0, 60));
  }));
  return found;
}"""
)
_LARGE = "() => { document.documentElement.style.fontSize = '200%'; }"
_SPACED = """() => {
  for (const e of document.querySelectorAll('body, body *')) {
    e.style.setProperty('line-height', '1.5', 'important');
    e.style.setProperty('letter-spacing', '.12em', 'important');
    e.style.setProperty('word-spacing', '.16em', 'important');
    if (e.tagName === 'P') e.style.setProperty('margin-bottom', '2em', 'important');
  }
}"""
_UNREPORTABLE = """() => {
  const all = (selector) => Array.from(document.querySelectorAll('main ' + selector));
  const many = (selector) => all(selector).filter(e => !e.closest('details'));
  const together = e => e.closest('[data-reported]')?.querySelector('a[href*="/signaler/"]');
  const said = many('.quote').filter(e => !together(e)).length - many('a[href*="/signaler/avis/"]').length;
  const written = many('.minutes').length - many('a[href*="/signaler/compte-rendu/"]').length;
  return [said > 0 ? `${said} opinions` : '', written > 0 ? `${written} minutes` : ''].filter(Boolean);
}"""


def assert_targets_fit_a_thumb(page: Page) -> None:
    """Assert that whatever is tapped is large enough (ux.md R23)."""
    wait_until_loaded(page)
    _assert_none(page, page.evaluate(_SMALL, [THUMB, LINE, NARROWEST]), "too small for a thumb")


def assert_bears_large_text(page: Page) -> None:
    """Assert that nothing is cut or covered with text twice as large (WCAG 1.4.4); it stays so on the page."""
    _assert_whole(page, _LARGE)


def assert_bears_spaced_text(page: Page) -> None:
    """Assert that nothing is cut or covered with the spaces of WCAG 1.4.12; they stay on the page."""
    _assert_whole(page, _SPACED)


def assert_texts_can_be_reported(page: Page) -> None:
    """Assert that each opinion and each minutes on the page has its link « Signaler » (security.md, Settled)."""
    wait_until_loaded(page)
    _assert_none(page, page.evaluate(_UNREPORTABLE), "without « Signaler »")


def _assert_whole(page: Page, change: str) -> None:
    wait_until_loaded(page)
    page.evaluate(change)
    assert_no_sideways_scroll(page)
    _assert_none(page, page.evaluate(_CLIPPED), "cut")
    _assert_none(page, page.evaluate(_OVERLAPPING), "one over the other")


def _assert_none(page: Page, found: Any, what: str) -> None:
    assert not found, f"{page.url}: {what}\n- " + "\n- ".join(found)
