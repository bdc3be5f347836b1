"""Settings, read once from the environment; the program refuses to start on a missing or unsafe one, saying which."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SHIPPED_CONTRACT = Path(__file__).parent / "contract" / "data" / "coeur-de-quartier.toml"
"""The contract file that ships with the program."""

_TRUE = frozenset({"1", "true", "oui", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "non", "no", "off"})


class ConfigError(Exception):
    """A setting is missing, malformed or unsafe; the message names it and says what to do."""


@dataclass(frozen=True)
class Settings:
    """Everything that an operator may set. Durations are in the unit their name ends with."""

    instance: Path
    database_url: str
    secret_key: str = field(repr=False)
    code_key: str = field(repr=False)
    """Key of the keyed hashes (one-time links, sessions, follow-up codes); never in the database (security.md)."""
    public_url: str = "http://127.0.0.1:8000"
    behind_proxy: bool = False
    demo: bool = False
    testing: bool = False
    contact_phone: str = ""
    contact_email: str = ""
    dpo_contact: str = ""
    publisher: str = ""
    host_name: str = ""
    mail_url: str = ""
    """`smtp://user:password@host:port`; empty: mails wait in the outbox and are not sent."""
    mail_from: str = ""
    max_upload_bytes: int = 64 * 1024 * 1024
    max_media_bytes: int = 5 * 1024**3
    """Of all recordings and photos together, as they are kept (participation/media)."""
    small_count: int = 5
    """Counts of people from 1 to this number less one are masked in public breakdowns (exchange-format.md)."""
    session_idle_minutes: int = 30
    session_hours: int = 12
    sign_in_link_minutes: int = 30
    invitation_days: int = 7
    password_memory_kib: int = 19 * 1024
    password_rounds: int = 2
    """Cost of an argon2id hash (19 MiB, 2 rounds, 1 lane: OWASP's floor for small servers); cheaper in tests only."""

    @property
    def https(self) -> bool:
        """True where browsers reach the site over TLS; cookies are then `Secure` and `__Host-`."""
        return self.public_url.startswith("https://")


def read_settings(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Return the settings of `environ` (default: the process's), with `overrides` put over them.

    Raises ConfigError with one sentence that names the variable.
    """
    env = os.environ if environ is None else environ
    instance = Path(str(overrides.get("instance") or env.get("PARTICIPATION_INSTANCE", "instance"))).absolute()
    values: dict[str, object] = {
        "instance": instance,
        "database_url": env.get("DATABASE_URL") or f"sqlite:///{instance / 'participation.db'}",
        "public_url": env.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
        "behind_proxy": _flag(env, "BEHIND_PROXY"),
        "demo": _flag(env, "PARTICIPATION_DEMO"),
        "contact_phone": env.get("CONTACT_PHONE", ""),
        "contact_email": env.get("CONTACT_EMAIL", ""),
        "dpo_contact": env.get("DPO_CONTACT", ""),
        "publisher": env.get("PUBLISHER", ""),
        "host_name": env.get("HOST_NAME", ""),
        "mail_url": env.get("MAIL_URL", ""),
        "mail_from": env.get("MAIL_FROM", ""),
        "max_upload_bytes": _number(env, "MAX_UPLOAD_BYTES", 64 * 1024 * 1024),
        "max_media_bytes": _number(env, "MAX_MEDIA_BYTES", 5 * 1024**3),
        "small_count": _number(env, "SMALL_COUNT", 5),
        "session_idle_minutes": _number(env, "SESSION_IDLE_MINUTES", 30),
        "session_hours": _number(env, "SESSION_HOURS", 12),
        "sign_in_link_minutes": _number(env, "SIGN_IN_LINK_MINUTES", 30),
        "invitation_days": _number(env, "INVITATION_DAYS", 7),
    }
    values |= {**overrides, "instance": instance}
    for name in ("secret_key", "code_key"):
        values.setdefault(name, env.get(name.upper()) or _kept_secret(instance, name))
    settings = Settings(**values)  # type: ignore[arg-type]  # checked just below
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    if not settings.database_url.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
        raise ConfigError(
            "DATABASE_URL : seuls sqlite:///chemin et postgresql://… sont reconnus. Corrigez l'adresse de la base."
        )
    if not settings.public_url.startswith(("http://", "https://")):
        raise ConfigError(
            "PUBLIC_URL : écrivez l'adresse complète du site, par exemple https://participation.exemple.fr."
        )
    for name in ("secret_key", "code_key"):
        if len(getattr(settings, name)) < 32:
            raise ConfigError(f"{name.upper()} : il faut au moins 32 caractères tirés au hasard.")
    if settings.secret_key == settings.code_key:
        raise ConfigError("CODE_KEY : elle doit être différente de SECRET_KEY.")
    if settings.mail_url and not settings.mail_url.startswith(("smtp://", "smtps://")):
        raise ConfigError(
            "MAIL_URL : écrivez smtp://utilisateur:motdepasse@serveur:port, ou smtps:// si le port est chiffré."
        )
    if settings.mail_url and "@" not in settings.mail_from:
        raise ConfigError(
            "MAIL_FROM : écrivez l'adresse qui envoie les courriels, par exemple participation@exemple.fr."
        )
    if not settings.testing and (settings.password_memory_kib < 19 * 1024 or settings.password_rounds < 2):
        raise ConfigError("Les mots de passe ne seraient pas assez protégés : il faut 19 Mio et 2 tours au moins.")
    if settings.small_count < 5:
        raise ConfigError("SMALL_COUNT : le seuil ne peut pas être plus petit que 5 (protection des personnes).")


def _flag(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name, "").strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ConfigError(f"{name} : écrivez oui ou non (lu : « {text} »).")


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isdigit():
        raise ConfigError(f"{name} : écrivez un nombre entier (lu : « {text} »).")
    return int(text)


def _kept_secret(instance: Path, name: str) -> str:
    """Return the secret kept in the instance folder, made at the first start and readable by its owner alone."""
    path = instance / f"{name}.txt"
    if not path.exists():
        instance.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process was first
            return _kept_secret(instance, name)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
