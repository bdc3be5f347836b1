"""Any phone's recording in, AAC out: mono, 32 kbit/s, playable everywhere, with nothing in it but the voice.

ffmpeg comes with a package (imageio-ffmpeg). It is told which container to read, from the first bytes: it never
guesses, so a playlist or a concat script that names other files or addresses is not read as one. It may open local
files only, and of those is given one. A minute takes 0.2 s on one core, so it is done while the phone waits.
"""

import logging
from pathlib import Path
from typing import IO

import imageio_ffmpeg
from flask_babel import gettext as _

from participation.errors import Refusal
from participation.media import confined
from participation.media.intake import Encoded, Received, TooHeavy, received
from participation.media.signatures import sound_reader

FIELD = "enregistrement"
"""Name of the form's field."""
LONGEST = 75
"""Seconds. The page says one minute; a recorder that stops late is forgiven."""
SHORTEST = 0.3
"""Seconds below which there is nothing to hear: a tap on the button."""
LIMITS = confined.Limits(processor=15, wall=20, memory=1024**3, written=4 * 1024**2)
"""ffmpeg maps its own 170 MB and reserves a stack for each of its threads; about 40 MB are really used."""
_CODECS = (
    "opus,libopus,vorbis,libvorbis,aac,alac,mp3,mp3float,flac,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,"
    "pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,"
    "pcm_alaw,pcm_mulaw,adpcm_ima_wav,adpcm_ima_qt"
)
"""Decoders that ffmpeg may use: those of recorders; its hundreds of others are not ours to defend."""
_log = logging.getLogger(__name__)


def read(stream: IO[bytes]) -> Encoded:
    """Return the recording, re-encoded. Raises Refusal: empty, too heavy, too long, or nothing that we can hear."""
    try:
        with received(stream) as sent:
            return _encode(sent)
    except TooHeavy:
        raise _refusal(_("Cet enregistrement est trop lourd. Parlez une minute au plus.")) from None
    except confined.Busy:
        raise _refusal(_("Beaucoup de personnes envoient en même temps. Réessayez dans une minute.")) from None
    except OSError:
        _log.exception("a recording could not be kept")
        raise _refusal(_("Nous ne pouvons pas garder votre message vocal. Écrivez votre avis.")) from None


def _encode(sent: Received) -> Encoded:
    if not sent.head:
        raise _refusal(_("L'enregistrement est vide. Recommencez, ou écrivez votre avis."))
    reader = sound_reader(sent.head)
    if reader is None:
        raise _unreadable()
    out = sent.folder / "out"
    try:
        said = confined.run(_command(reader, sent.path, out), LIMITS, sent.folder)
    except confined.Failed:
        raise _unreadable() from None
    seconds = _seconds(said)
    if seconds < SHORTEST:
        raise _refusal(_("L'enregistrement est vide. Recommencez, ou écrivez votre avis."))
    if seconds > LONGEST:
        raise _refusal(_("Votre message est trop long. Parlez une minute au plus."))
    return Encoded("audio", out.read_bytes(), seconds=max(1, round(seconds)))


def _command(reader: str, sent: Path, out: Path) -> list[str]:
    """Return the command: one reader, one stream of sound; no metadata, chapters, pictures, subtitles, attachments."""
    quiet = ["-nostdin", "-hide_banner", "-loglevel", "quiet", "-y", "-filter_threads", "1"]
    safe = ["-protocol_whitelist", "file,pipe", "-format_whitelist", reader, "-codec_whitelist", _CODECS]
    only_sound = ["-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"]
    small = ["-ac", "1", "-ar", "24000", "-c:a", "aac", "-b:a", "32k", "-threads", "1"]
    nameless = ["-fflags", "+bitexact", "-flags:a", "+bitexact"]  # not even ffmpeg's own version
    until = ["-t", str(LONGEST + 1)]
    out_file = ["-f", "ipod", "-movflags", "+faststart", "-progress", "pipe:1", f"file:{out}"]
    source = [*safe, "-f", reader, "-threads", "1", "-i", f"file:{sent}"]
    return [_ffmpeg(), *quiet, *source, *only_sound, *until, *small, *nameless, *out_file]


def _ffmpeg() -> str:
    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as fault:  # a platform for which the package has no program
        raise OSError("ffmpeg is missing") from fault


def _seconds(said: str) -> float:
    """Return the length of what was written, from ffmpeg's last report: what a file says of itself may be false."""
    times = [line.partition("=")[2] for line in said.splitlines() if line.startswith("out_time_us=")]
    last = times[-1] if times else ""
    return int(last) / 1_000_000 if last.isdigit() else 0.0


def _unreadable() -> Refusal:
    return _refusal(_("Nous ne pouvons pas écouter ce fichier. Enregistrez de nouveau, ou écrivez votre avis."))


def _refusal(sentence: str) -> Refusal:
    return Refusal(sentence, field=FIELD)
