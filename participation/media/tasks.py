"""What `participation work` does for recordings and photos: past its time, or left over, a file goes.

Each may run late, twice, or in two processes at once: it looks at what is there and does no more than is needed.
"""

from sqlalchemy.orm import Session

from participation.media import queries, rules, storage

_BATCH = 500


def erase_old_voices(session: Session) -> None:
    """Erase the recordings past their thirty days."""
    rules.erase_old_voices(session)


def sweep(session: Session) -> None:
    """Remove the files that no row keeps: the transaction did not end well, or the machine stopped while erasing."""
    names = sorted(storage.stored_names())
    for start in range(0, len(names), _BATCH):
        some = names[start : start + _BATCH]
        storage.sweep(queries.kept_or_erased(session, some), some)
    storage.sweep_waiting()
