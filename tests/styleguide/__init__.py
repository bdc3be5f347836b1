"""Every component with plain data, in French, English and Arabic: looked at by people, checked by tests/test_look.py.

`python -m tests.styleguide` serves it on a free port. Its pages exist in the tests only, never in the application.
"""
