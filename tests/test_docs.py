"""What the documents promise exists: files they lead to, settings they name, pages they send people to."""

import re
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound

from participation import config
from tests.support import ROOT

DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_to_files_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (document.parent / target).exists()]


def test_readme_names_every_setting() -> None:
    source = Path(config.__file__).read_text(encoding="utf-8")
    read = set(re.findall(r'env\.get\("([A-Z_]+)"|_(?:flag|number)\(env, "([A-Z_]+)"', source))
    variables = {name for pair in read for name in pair if name} | {"SECRET_KEY", "CODE_KEY"}
    assert "PUBLIC_URL" in variables
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [name for name in sorted(variables) if f"`{name}`" not in readme]


def test_map_names_only_what_is_there() -> None:
    text = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")
    paths = set(re.findall(r"`(participation/[\w./]+|pyproject\.toml)`", text))
    assert len(paths) > 5
    assert not [path for path in sorted(paths) if not (ROOT / path).exists()]
    tree = text[text.index("participation/\n") : text.index("migrations/ ")]
    modules = re.findall(r"^  (\w[\w.]*(?: \w[\w.]*)?)\/?  ", tree, re.MULTILINE)
    files = [name for line in modules for name in line.split() if name.endswith(".py")]
    assert "permissions.py" in files
    assert not [name for name in files if not (ROOT / "participation" / name).exists()]


@pytest.mark.parametrize("name", ["animateurs", "elus", "exploitation", "glossary"])
def test_guides_send_people_to_pages_that_exist(app: Flask, name: str) -> None:
    text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    adapter = app.url_map.bind("localhost")
    for path in re.findall(r"`(/(?:[a-z-]+/?)+)`", text):
        try:
            adapter.match(path)
        except MethodNotAllowed:
            continue
        except NotFound:
            pytest.fail(f"{name}.md names {path}")
