"""Write down the definitions of a new version of the rules (`results.RULES`): python -m tests.checks.definitions."""

from participation import create_app
from participation.assessment.definitions import write


def main() -> None:
    """Write the file of today's version, once."""
    with create_app().app_context():
        write()


if __name__ == "__main__":
    main()
