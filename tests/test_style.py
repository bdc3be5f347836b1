"""The style sheets keep their promises: contrast (ux.md R24), weight (stack.md 3), no left or right (R20)."""

import gzip
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[1] / "participation" / "static"
PUBLIC = STATIC / "style.css"
TEAM = STATIC / "equipe.css"
PAPER = STATIC / "impression.css"
ROOM = STATIC / "salle.css"
SHEETS = [PUBLIC, TEAM, PAPER, ROOM]
BUDGET = 8 * 1024  # bytes, compressed as served

TEXT = 4.5
SHAPE = 3.0  # borders, focus rings, drawings (WCAG 1.4.11)

PAIRS = [
    ("ink", "paper", 7), ("ink", "white", 7), ("ink", "cream", 7), ("ink", "teal-light", 7), ("ink", "ochre", 7),
    ("ink", "brick-light", 7), ("ink", "blue-light", 7), ("ink", "green-light", 7), ("ink", "ochre-light", 7),
    ("ink", "red-light", 7),
    ("ink-2", "paper", 7), ("ink-2", "white", 7), ("ink-2", "cream", TEXT), ("ink-2", "teal-light", TEXT),
    ("teal", "paper", 7), ("teal", "white", 7), ("teal", "cream", TEXT), ("teal", "teal-light", TEXT),
    ("teal", "brick-light", TEXT), ("teal", "blue-light", TEXT), ("teal", "ochre-light", TEXT),
    ("white", "teal", 7), ("white", "teal-dark", 7), ("teal-dark", "teal-light", 7),
    ("brick", "white", TEXT), ("brick", "paper", TEXT), ("brick", "brick-light", TEXT), ("brick", "teal-light", TEXT),
    ("white", "brick", TEXT),
    ("ochre-dark", "ochre-light", TEXT),
    ("green", "green-light", TEXT), ("white", "green", TEXT),
    ("red", "red-light", TEXT), ("red", "paper", TEXT), ("red", "white", TEXT),
    ("blue", "blue-light", TEXT),
    ("edge", "white", SHAPE), ("edge", "paper", SHAPE), ("edge", "cream", SHAPE),
    ("ochre", "teal-dark", SHAPE), ("ochre", "ink", SHAPE), ("ink", "ochre", SHAPE),
    ("teal", "cream", SHAPE), ("edge", "cream", SHAPE), ("ink", "teal", 2),
]  # fmt: skip
"""(foreground, background, least ratio) of every pair that the style sheets use."""

TOO_RECENT = {
    r":has\(|:dir\(|:is\(|:where\(": "a selector that the oldest browsers do not know",
    r"\binset\s*:": "inset",
    r"\bclamp\(|\bmin\(|\bmax\(": "clamp, min, max",
    r"aspect-ratio": "aspect-ratio",
    r"(?<!grid-)\bgap\s*:": "gap outside grid-gap (flex gaps are too recent)",
    r"@layer|@container|&": "layers, containers, nesting",
    r"(?:margin|padding|border)-(?:inline|block)\s*:": "a logical shorthand (Chrome 87)",
}
SIDES = re.compile(r"(?<![\w-])(?:left|right)(?![\w-])|-(?:left|right)(?![\w])")


def rules(path: Path) -> str:
    """Return the style sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def tokens(*, more_contrast: bool = False) -> dict[str, str]:
    """Return the colours by name; with those that `prefers-contrast: more` replaces, if asked."""
    first, second = re.findall(r":root\s*\{(.*?)\}", rules(PUBLIC), flags=re.DOTALL)
    text = first + (second if more_contrast else "")
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9A-F]{6})", text))


def luminance(colour: str) -> float:
    """Return the relative luminance of `#RRGGBB` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("more_contrast", [False, True])
def test_every_pair_of_colours_has_enough_contrast(more_contrast: bool) -> None:
    colours = tokens(more_contrast=more_contrast)
    weak = [
        f"{front} on {back}: {contrast(colours[front], colours[back]):.2f} < {least}"
        for front, back, least in PAIRS
        if contrast(colours[front], colours[back]) < least and not (more_contrast and front == "ink" and least < SHAPE)
    ]
    assert not weak


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_every_token_used_is_defined(path: Path) -> None:
    defined = set(re.findall(r"--([\w-]+):", rules(PUBLIC)))
    assert set(re.findall(r"var\(--([\w-]+)\)", rules(path))) <= defined


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_colours_are_tokens(path: Path) -> None:
    """Literal colours would escape the check of contrasts; black on paper is the exception."""
    body = re.sub(r":root\s*\{.*?\}", "", rules(path), flags=re.DOTALL)
    assert set(re.findall(r"#[0-9A-Fa-f]{3,8}\b", body)) <= {"#000"}


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_nothing_says_left_or_right(path: Path) -> None:
    assert not SIDES.findall(rules(path))


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_nothing_is_too_recent_for_old_phones(path: Path) -> None:
    found = [what for pattern, what in TOO_RECENT.items() if re.search(pattern, rules(path))]
    assert not found


def test_residents_style_is_light() -> None:
    assert len(gzip.compress(PUBLIC.read_bytes(), 9)) < BUDGET


TEMPLATES = sorted((STATIC.parent / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_template_names_only_classes_and_components_that_exist(path: Path) -> None:
    """A misspelt class is drawn as nothing, and a misspelt component fails only when its branch is reached."""
    text = path.read_text(encoding="utf-8")
    styled = set(re.findall(r"\.([a-z][\w-]*)", "".join(map(rules, SHEETS))))
    named = {name for names in re.findall(r'class="([^"{]+)"', text) for name in names.split()}
    assert named <= styled
    listed = (STATIC.parent / "templates" / "components" / "ui.html").read_text(encoding="utf-8")
    components = set(re.findall(r"{% set (\w+) =", listed))
    assert set(re.findall(r"\bui\.(\w+)\(", text)) <= components
