"""No log of this process holds what opens somebody's page: codes, tokens and links are masked in every line.

A QR's address carries the words of a code (security.md, Settled), the address of a receipt opens it for half an hour, a
form's key sends in its place, a link of a mail signs in. Whatever writes a request's address in a log (the web server,
a fault) goes through here.
"""

import logging
import re

MASK = "…"
_SECRET = re.compile(
    r"((?:/|%2f)(?:r|suivi|prevenir|abonnement|ecrire|parler|photo|proches|envoi|entrer|signer)(?:/|%2f))"
    r"(?!(?:chercher|fini)\b)[^\s/?&#\"'<>%]+"
    r"|([?&](?:essai|attente|mots)=)[^\s&#\"'<>]+",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """Return `text` with the secret parts of addresses masked."""
    return _SECRET.sub(lambda found: f"{found[1] or found[2]}{MASK}", text)


class MaskedRecord(logging.LogRecord):
    """A line of a log, masked when it is read."""

    def getMessage(self) -> str:  # noqa: N802  # the name of the standard library
        """Return the message, masked."""
        return mask(super().getMessage())


def init_app() -> None:
    """Mask the logs of the whole process, the server's included. Again: nothing."""
    logging.setLogRecordFactory(MaskedRecord)
