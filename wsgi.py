"""The application for a WSGI server: `gunicorn wsgi:app`."""

from participation import create_app

app = create_app()
