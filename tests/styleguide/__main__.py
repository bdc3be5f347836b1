"""Serve the style guide on a free port, or write its pictures: `python -m tests.styleguide [FOLDER]`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.styleguide.app import ERROR_PAGES, PAGES, make_styleguide
from tests.support.browser import DESKTOP, FLAGS, PHONE, chromium, chromium_environment, pytest_configure
from tests.support.server import serving


def main(arguments: list[str]) -> None:
    """Serve until Enter is pressed; with a folder, fill it with pictures of each page instead."""
    with tempfile.TemporaryDirectory() as instance, serving(make_styleguide(Path(instance))) as address:
        if arguments:
            take_pictures(address, Path(arguments[0]))
        else:
            input("\n".join(f"{address}{path}" for path in paths()) + "\nEntrée pour arrêter ")


def paths() -> list[str]:
    """Return the address of each page of the style guide."""
    return [("/equipe" if page == "equipe" else "") + f"/styleguide/{page}" for page in PAGES] + [
        f"/styleguide/erreur/{code}" for code in ERROR_PAGES
    ]


def take_pictures(address: str, folder: Path) -> None:
    """Write a picture of each page, on a phone and on a wide screen, in French and in Arabic, and on paper."""
    pytest_configure()
    folder.mkdir(parents=True, exist_ok=True)
    program = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(program), env=chromium_environment(program), args=list(FLAGS)
        )
        for path in paths()[:7]:
            _picture(browser, address, path, folder)
        browser.close()


def _picture(browser: Browser, address: str, path: str, folder: Path) -> None:
    name = path.strip("/").replace("/", "-")
    for language in ("fr", "ar"):
        for screen, size in (("phone", PHONE), ("wide", DESKTOP)):
            page = browser.new_page(viewport=size)  # type: ignore[arg-type]  # a TypedDict of the library's own
            page.goto(f"{address}{path}?l={language}")
            page.screenshot(path=folder / f"{name}-{language}-{screen}.png", full_page=True)
            page.close()
    page = browser.new_page()
    page.goto(f"{address}{path}")
    page.pdf(path=folder / f"{name}.pdf", format="A4", prefer_css_page_size=True)
    page.close()


if __name__ == "__main__":
    main(sys.argv[1:])
