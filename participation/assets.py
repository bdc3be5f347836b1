"""Static files: named after their content, compressed beforehand, kept by browsers for ever.

The build takes the program's own `static/` folder and the few files of VENDOR out of installed packages, and writes
`name.<hash>.ext` with its `.br` and `.gz` beside it, plus `manifest.json`, which says the hashed name of each. Since a
hashed name never changes its content, WhiteNoise serves it as immutable. Files of an earlier build stay where they
are: a page opened before an update still finds its style.
"""

import gzip
import hashlib
import importlib.util
import json
import os
import posixpath
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from wsgiref.headers import Headers

import brotli
from flask import Flask, current_app, has_request_context, request
from whitenoise import WhiteNoise

from participation.headers import common

OWN = Path(__file__).parent / "static"
"""The program's own files."""

VENDOR = {"htmx.js": ("django_htmx", "static/django_htmx/htmx-2.min.js")}
"""Public name -> (package that carries the file, path inside it). Only the file is used, the package never imported."""

BUNDLES = {
    "habitants.js": ("parole.js", "ecouter.js"),
    "rencontre.js": ("file.js", "pastille.js", "gestes.js", "ecran.js", "direct.js", "suite.js"),
    "compte-rendu.js": ("file.js", "suite.js"),
    "mes-rencontres.js": ("file.js", "reste-ici.js"),
    "hors-reseau.js": ("file.js", "pastille.js", "reserver.js", "preparer.js", "a-envoyer.js"),
    "kiosque.js": ("file.js", "reserver.js", "ecouter.js", "borne.js"),
}
"""Public name -> own files that go out as one: on a weak network each request costs more than a kilobyte."""

STATIC_PROTECTION = {
    "Content-Security-Policy": "default-src 'none'; sandbox",  # a drawing opened by itself runs nothing
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of static files besides those of every answer, which the application's own code cannot give them."""

PREFIX = "/static/"
MANIFEST = "manifest.json"
SERVED = "files"
"""The folder of the build that browsers reach; what is unfinished lies beside it."""

_HASH_LENGTH = 12
_HASHED = re.compile(rf"\.[0-9a-f]{{{_HASH_LENGTH}}}\.\w+$")
_CSS_URL = re.compile(rb"""url\(\s*["']?([\w./-]+)["']?\s*\)""")
_COMPRESSIBLE = frozenset({".js", ".css", ".svg", ".json", ".txt", ".webmanifest"})
_WORTH_COMPRESSING = 200  # bytes: below this the headers weigh more than what is saved


class AssetError(Exception):
    """A static file is missing; the message says which and what to do."""


@dataclass(frozen=True)
class Assets:
    """What a build gives: its folder, and the hashed name of each public name."""

    folder: Path
    names: Mapping[str, str]

    def path(self, name: str) -> Path:
        """Return the built file of `name`, for what must be served under a fixed address (an icon, a worker)."""
        return self.folder / SERVED / self._hashed(name)

    def url(self, name: str) -> str:
        """Return the address of `name`, without the host."""
        return PREFIX + self._hashed(name)

    def _hashed(self, name: str) -> str:
        try:
            return self.names[name]
        except KeyError:
            raise AssetError(f"{name}: no such static file in {OWN.name}/ or VENDOR") from None


def init_app(app: Flask) -> None:
    """Build what has changed, serve it under /static/ and give templates `asset_url(name)`.

    In debug mode the sources are looked at again before each page, so that a changed style shows on reload.
    """
    folder = build_folder(app)
    app.extensions["assets"] = build(folder)
    protection = common(https=app.extensions["participation.settings"].https) | STATIC_PROTECTION

    def protect(headers: Headers, _path: str, _url: str) -> None:
        for name, value in protection.items():
            headers[name] = value

    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]  # how Flask's documentation wraps an application
        app.wsgi_app,
        root=folder / SERVED,
        prefix=PREFIX,
        autorefresh=app.debug,
        allow_all_origins=False,
        add_headers_function=protect,
        immutable_file_test=_HASHED.pattern,
    )
    app.add_template_global(asset_url)
    if app.debug:
        app.before_request(_rebuild)


def asset_url(name: str) -> str:
    """Return the address of the static file `name` for this application. Raises AssetError if there is none."""
    root = request.script_root if has_request_context() else ""
    return root + current_assets().url(name)


def current_assets() -> Assets:
    """Return the build that the current application serves."""
    assets: Assets = current_app.extensions["assets"]
    return assets


def build_folder(app: Flask) -> Path:
    """Return where built files go: PARTICIPATION_STATIC, else `build/static` of a source tree, else the instance."""
    chosen = os.environ.get("PARTICIPATION_STATIC")
    if chosen:
        return Path(chosen).absolute()
    tree = Path(__file__).parents[1]
    return (tree / "build" if (tree / "pyproject.toml").exists() else Path(app.instance_path)) / "static"


def build(folder: Path, own: Path = OWN, vendor: Mapping[str, tuple[str, str]] = VENDOR) -> Assets:
    """Bring `folder` up to date and return what it holds; if no source has changed, only dates and sizes are compared.

    Safe when several processes start at once: each file is put in place whole, the manifest last.
    """
    sources = _sources(own, vendor)
    print_of_sources = _fingerprint(sources)
    names = _built_names(folder, print_of_sources)
    if names is None:
        names = _write_all(sources, folder)
        manifest = json.dumps({"sources": print_of_sources, "names": names}, sort_keys=True, indent=1)
        _put(MANIFEST, manifest.encode(), folder)
    return Assets(folder, names)


def _rebuild() -> None:
    current_app.extensions["assets"] = build(build_folder(current_app))


def _sources(own: Path, vendor: Mapping[str, tuple[str, str]]) -> dict[str, Path]:
    found = {name: _packaged(package, inside) for name, (package, inside) in vendor.items()}
    files = sorted(path for path in own.rglob("*") if path.is_file() and not path.name.startswith("."))
    found |= {path.relative_to(own).as_posix(): path for path in files}
    return found


def _packaged(package: str, inside: str) -> Path:
    spec = importlib.util.find_spec(package)  # finds the folder without running the package
    for place in (spec.submodule_search_locations or []) if spec else []:
        path = Path(place) / inside
        if path.is_file():
            return path
    raise AssetError(f"{inside}: not in the package {package}. Run « make install » again.")


def _fingerprint(sources: Mapping[str, Path]) -> str:
    """Return what tells two states of the sources apart without reading them: names, places, sizes, dates."""
    digest = hashlib.sha256(Path(__file__).read_bytes())  # a changed build is a reason to build, too
    digest.update(repr(BUNDLES).encode())  # as this process knows them: the file may have changed since it began
    for name, path in sorted(sources.items()):
        state = path.stat()
        digest.update(f"{name}\0{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _built_names(folder: Path, print_of_sources: str) -> dict[str, str] | None:
    """Return the names of the build in `folder`, or None if it is absent, incomplete or of other sources."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    if manifest.get("sources") != print_of_sources:
        return None
    names: dict[str, str] = manifest["names"]
    return names if all((folder / SERVED / hashed).is_file() for hashed in names.values()) else None


def _write_all(sources: Mapping[str, Path], folder: Path) -> dict[str, str]:
    names: dict[str, str] = {}
    for name in _css_last(sources):
        content = sources[name].read_bytes()
        if name.endswith(".css"):
            content = _with_hashed_urls(name, content, names)
        names[name] = _hashed_name(name, content)
        _write_one(f"{SERVED}/{names[name]}", content, folder)
    for name, parts in BUNDLES.items():
        if sources.keys() >= set(parts):
            content = b"\n".join(sources[part].read_bytes() for part in parts)
            names[name] = _hashed_name(name, content)
            _write_one(f"{SERVED}/{names[name]}", content, folder)
    return names


def _css_last(names: Iterable[str]) -> list[str]:
    """A style names other files, whose hashed names must be known before it is hashed itself."""
    return sorted(names, key=lambda name: (name.endswith(".css"), name))


def _with_hashed_urls(name: str, content: bytes, names: Mapping[str, str]) -> bytes:
    """Return the style `name` with hashed names in its `url()`s; one that names no file is refused."""
    here = posixpath.dirname(name)

    def hashed(match: re.Match[bytes]) -> bytes:
        target = posixpath.normpath(posixpath.join(here, match.group(1).decode()))
        if target not in names:
            raise AssetError(f"{name}: url({match.group(1).decode()}) names no static file")
        return f'url("{posixpath.relpath(names[target], here or ".")}")'.encode()

    return _CSS_URL.sub(hashed, content)


def _hashed_name(name: str, content: bytes) -> str:
    stem, ext = posixpath.splitext(name)
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:_HASH_LENGTH]}{ext}"


def _write_one(name: str, content: bytes, folder: Path) -> None:
    """Write the file with its compressed forms first: whoever sees the file may serve them."""
    if posixpath.splitext(name)[1] in _COMPRESSIBLE and len(content) >= _WORTH_COMPRESSING:
        _put(f"{name}.br", brotli.compress(content, quality=11), folder)
        _put(f"{name}.gz", gzip.compress(content, 9, mtime=0), folder)
    _put(name, content, folder)


def _put(name: str, content: bytes, folder: Path) -> None:
    """Write `name` in `folder`, whole or not at all."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{os.getpid()}-{threading.get_ident()}.part"
    unfinished.write_bytes(content)
    unfinished.replace(path)
