"""The program's own command, in a process of its own: what scripts rely on (interfaces.md)."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import click
import pytest

from participation.french_click import FRENCH, FRENCH_PLURALS

PROGRAM = [sys.executable, "-c", "from participation.cli import main; main()"]


def _run(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PARTICIPATION_INSTANCE": str(folder), "DATABASE_URL": "", **environ}
    return subprocess.run([*PROGRAM, *words], env=env, capture_output=True, text=True, timeout=120, check=False)


def test_init_prepares_the_database_and_again_changes_nothing(tmp_path: Path) -> None:
    first = _run(tmp_path, "init")
    assert first.returncode == 0, first.stderr
    assert "Cœur de quartier" in first.stdout
    second = _run(tmp_path, "init")
    assert second.returncode == 0
    assert "Cœur de quartier" not in second.stdout


def test_an_unsafe_setting_stops_with_its_name(tmp_path: Path) -> None:
    done = _run(tmp_path, "init", SECRET_KEY="trop court")
    assert done.returncode == 1
    assert done.stderr.startswith("SECRET_KEY")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["danse"], "Erreur : La commande « danse » n'existe pas."),
        (["import"], "Erreur : Il manque 'CHEMIN'."),
        (["import", "nulle-part"], "Erreur : Valeur refusée pour 'CHEMIN' : « nulle-part » n'existe pas."),
        (["export", "--tout", "x"], "Erreur : L'option « --tout » n'existe pas."),
        (["assess", "--year"], "Erreur : L'option « --year » demande une valeur."),
        (["init", "deux", "fois"], "Erreur : Des mots sont de trop : deux fois"),
        (["simulate", "--years", "dix"], "Erreur : Valeur refusée pour '--years' : « dix » n'est pas un nombre."),
        (
            ["serve", "--port", "abc"],
            "« abc » n'est pas un port : il faut un nombre de 1 à 65535 (make run PORT=8001).",
        ),
        (["serve", "--port", "70000"], "« 70000 » n'est pas un port"),
    ],
)
def test_wrong_usage_is_said_in_french(tmp_path: Path, words: list[str], sentence: str) -> None:
    done = _run(tmp_path, *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.startswith(("Usage : ", "Erreur : "))
    assert "Try " not in done.stderr
    assert not list(tmp_path.iterdir())


def test_help_is_in_french(tmp_path: Path) -> None:
    said = _run(tmp_path, "--help").stdout
    assert re.findall(r"^\w.*:$", said, re.MULTILINE) == ["Options:", "Commandes:"]
    assert "Montre cette aide." in said


def test_every_text_of_ours_stands_for_one_of_clicks() -> None:
    """A text that click has changed would come out in English: it is looked for in click's own files."""
    folder = Path(click.__file__).parent
    code = "".join(path.read_text() for path in sorted(folder.glob("*.py"))).replace('"\n', "")
    for text in [*FRENCH, *FRENCH_PLURALS]:
        assert f'"{text}'.replace("\n", "\\n").replace("\t", "\\t") in code, text


@pytest.mark.parametrize("demo", [False, True])
def test_serve_answers_and_its_link_signs_in_once(tmp_path: Path, demo: bool) -> None:
    words = [*PROGRAM, "serve", "--port", "0", *(["--demo"] if demo else [])]
    env = {**os.environ, "PARTICIPATION_INSTANCE": str(tmp_path), "DATABASE_URL": "", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True) as server:
        try:
            text = _until(server, "Participation répond sur")
            address = re.findall(r"http://127\.0\.0\.1:\d+", text)[-1]
            links = re.findall(r"http://\S+/equipe/entrer/\S+", text)
            assert len(links) == (5 if demo else 1)
            with urllib.request.urlopen(f"{address}/sante/pret", timeout=20) as answer:
                assert answer.status == 200
            with urllib.request.urlopen(links[0], timeout=20) as answer:
                assert "<form" in answer.read().decode()
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


def _until(server: subprocess.Popen[str], words: str) -> str:
    assert server.stdout is not None
    text, end = "", time.monotonic() + 60
    while time.monotonic() < end:
        line = server.stdout.readline()
        text += line
        if words in line or not line:
            return text
    raise AssertionError(text)


def test_simulate_fills_an_initialised_database_only(tmp_path: Path) -> None:
    assert _run(tmp_path, "init").returncode == 0
    words = ("simulate", "--years", "1", "--meetings", "5", "--proposals", "4", "--opinions", "6", "--seed", "3")
    assert _run(tmp_path, *words).returncode == 0
    again = _run(tmp_path, *words)
    assert again.returncode == 1
    assert "déjà servi" in again.stderr
