"""Static files: hashed names, compressed forms, caching, and a build that is done only when it must be."""

import gzip
import os
import threading
from pathlib import Path

import brotli
import pytest
from flask import Flask

from participation import assets
from tests.support.checked_client import CheckedClient

STYLE = b"body { background: url(images/fond.svg) }" + b" " * 300
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"></svg>'


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    (folder / "images").mkdir(parents=True)
    (folder / "style.css").write_bytes(STYLE)
    (folder / "images" / "fond.svg").write_bytes(DRAWING)
    return folder


def build(own: Path, folder: Path) -> assets.Assets:
    return assets.build(folder, own, vendor={})


def test_a_name_follows_the_content(own: Path, tmp_path: Path):
    before = build(own, tmp_path / "built").url("style.css")
    (own / "style.css").write_bytes(STYLE + b"/* plus */")
    after = build(own, tmp_path / "built").url("style.css")
    assert before != after
    assert after.startswith("/static/style.")


def test_a_style_names_hashed_files(own: Path, tmp_path: Path):
    built = build(own, tmp_path / "built")
    assert f'url("{built.names["images/fond.svg"]}")'.encode() in built.path("style.css").read_bytes()


def test_a_style_changes_its_name_with_its_pictures(own: Path, tmp_path: Path):
    before = build(own, tmp_path / "built").url("style.css")
    (own / "images" / "fond.svg").write_bytes(DRAWING.replace(b"></svg>", b"><g/></svg>"))
    assert build(own, tmp_path / "built").url("style.css") != before


def test_a_style_in_a_folder_names_files_from_there(own: Path, tmp_path: Path):
    (own / "themes").mkdir()
    (own / "themes" / "nuit.css").write_bytes(b"a { background: url('../images/fond.svg') }")
    built = build(own, tmp_path / "built")
    content = built.path("themes/nuit.css").read_text()
    assert f'url("../{built.names["images/fond.svg"]}")' in content


def test_a_style_cannot_name_a_missing_file(own: Path, tmp_path: Path):
    (own / "style.css").write_bytes(b"a { background: url(absent.svg) }")
    with pytest.raises(assets.AssetError, match=r"absent\.svg"):
        build(own, tmp_path / "built")


def test_compressed_forms_hold_the_same_bytes(own: Path, tmp_path: Path):
    built = build(own, tmp_path / "built").path("style.css")
    content = built.read_bytes()
    assert brotli.decompress(built.with_name(f"{built.name}.br").read_bytes()) == content
    assert gzip.decompress(built.with_name(f"{built.name}.gz").read_bytes()) == content


def test_small_files_are_not_compressed(own: Path, tmp_path: Path):
    built = build(own, tmp_path / "built").path("images/fond.svg")
    assert not built.with_name(f"{built.name}.br").exists()


def test_nothing_is_built_twice(own: Path, tmp_path: Path):
    built = build(own, tmp_path / "built").path("style.css")
    os.utime(built, (1, 1))
    build(own, tmp_path / "built")
    assert built.stat().st_mtime == 1


@pytest.mark.parametrize("damage", ["built", "manifest", "garbled"])
def test_a_damaged_build_is_made_anew(own: Path, tmp_path: Path, damage: str):
    built = build(own, tmp_path / "built")
    manifest = tmp_path / "built" / assets.MANIFEST
    if damage == "garbled":
        manifest.write_text("{")
    else:
        (built.path("style.css") if damage == "built" else manifest).unlink()
    assert build(own, tmp_path / "built").path("style.css").exists()


def test_files_of_an_earlier_build_stay(own: Path, tmp_path: Path):
    earlier = build(own, tmp_path / "built").path("style.css")
    (own / "style.css").write_bytes(b"a {}")
    build(own, tmp_path / "built")
    assert earlier.exists()


def test_several_may_build_at_once(own: Path, tmp_path: Path):
    names: list[object] = []
    threads = [threading.Thread(target=lambda: names.append(build(own, tmp_path / "built").names)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names == [names[0]] * 8
    assert not list((tmp_path / "built").glob("*.part"))


def test_htmx_comes_out_of_its_package(tmp_path: Path):
    built = assets.build(tmp_path / "built", tmp_path / "nothing-of-our-own")
    assert b"htmx" in built.path("htmx.js").read_bytes()


def test_files_of_a_bundle_go_out_as_one(tmp_path: Path):
    built = assets.build(tmp_path / "built")
    parts = [(assets.OWN / name).read_bytes() for name in assets.BUNDLES["habitants.js"]]
    assert built.path("habitants.js").read_bytes() == b"\n".join(parts)


def test_a_package_without_the_file_is_named(tmp_path: Path):
    with pytest.raises(assets.AssetError, match=r"htmx-9\.js: not in the package django_htmx"):
        assets.build(tmp_path / "built", tmp_path, vendor={"htmx.js": ("django_htmx", "htmx-9.js")})


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_browsers_keep_static_files_for_ever(app: Flask, client: CheckedClient, encoding: str):
    answer = client.get(app.extensions["assets"].url("htmx.js"), headers={"Accept-Encoding": encoding})
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding", "identity") == encoding
    assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.mimetype == "text/javascript"


@pytest.mark.parametrize("path", ["/static/htmx.js", "/static/manifest.json", "/static/../manifest.json", "/static/"])
def test_nothing_else_is_served(app: Flask, path: str):
    assert Flask.test_client(app).get(path).status_code == 404


def test_templates_name_files_by_their_public_name(app: Flask):
    with app.test_request_context(environ_overrides={"SCRIPT_NAME": "/arras"}):
        address = app.jinja_env.from_string("{{ asset_url('htmx.js') }}").render()
    assert address.startswith("/arras/static/htmx.")


def test_a_template_cannot_name_a_missing_file(app: Flask):
    with app.test_request_context(), pytest.raises(assets.AssetError, match=r"absent\.css"):
        assets.asset_url("absent.css")


def test_the_build_folder_can_be_chosen(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PARTICIPATION_STATIC", str(tmp_path))
    assert assets.build_folder(app) == tmp_path
