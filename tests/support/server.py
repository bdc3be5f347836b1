"""The application on a real port, in a thread of the tests."""

import contextlib
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    """Keeps the log of requests out of the tests' output."""

    def log(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve `app` on a free port with threads; give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address of the test's own `app`; what the test writes in the database, the browser sees."""
    with serving(app) as address:
        yield address
