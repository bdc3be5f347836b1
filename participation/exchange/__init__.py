"""Import and export of packages (exchange-format.md): folder, .zip or .xlsx, on the command line and in the browser.

`tables.py` describes the tables once; reading, checking, writing, templates and schemas all follow it.
"""
