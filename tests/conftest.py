"""What every test stands on. The fixtures are in tests/support; docs are at the top of each of its files.

`client`, `app`, `app_context`, `cli`      the application on a fresh database (apps.py)
`db_url`, mark `both_databases`            on SQLite and on PostgreSQL (database.py)
(always)                                   no test may tell a resident's code or address (secrets.py)
`mailbox`, `mail_server`                    a mail server and what it received (smtp.py)
`live_server`, `page`, `phone`, `no_script_page`  in a real browser (server.py, browser.py, accessibility.py)
"""

import os
import time

import hypothesis

pytest_plugins = [
    "tests.support.kept",  # before apps, which uses it
    "tests.support.apps",
    "tests.support.browser",
    "tests.support.database",
    "tests.support.secrets",
    "tests.support.server",
    "tests.support.smtp",
    "tests.support.translations",
]

os.environ["TZ"] = "Pacific/Auckland"  # nothing may depend on the machine's time zone
time.tzset()

# The same examples each day, so that a failure is the change's; other ones, and more, in `make test-full`.
_daily = hypothesis.settings(
    deadline=None,
    database=None,
    derandomize=True,
    max_examples=25,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("daily", _daily)
hypothesis.settings.register_profile("full", _daily, derandomize=False, max_examples=500, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "daily"))
