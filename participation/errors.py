"""Refusals: what the rules say no to, in plain French, whoever asks (a form, an import, a command)."""


class Refusal(Exception):
    """The rule refuses; `message` says what to do instead, in one or two plain French sentences.

    `field` names the form field or column at fault, if one is; `status` is the HTTP answer.
    """

    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFound(Refusal):
    """The object does not exist, or not for this person: both look the same from outside (security.md T4)."""

    status = 404


class Conflict(Refusal):
    """Somebody else was first, or the same key came with another content."""

    status = 409
