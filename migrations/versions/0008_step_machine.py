"""let the database itself hold the steps of a proposal to the table of transitions; list relays by date.

SQLite has no check at the end of a statement or of a transaction, so a trigger looks after each row; PostgreSQL looks
after each statement. Whoever changes several steps of a proposal at once holds its path meanwhile (`held_path`): it is
looked at as a whole when it is let go, and no transaction can end while one is held.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MAY_FOLLOW = {
    "": "recueillie",
    "recueillie": "etude transmise regroupee retiree",
    "etude": "transmise regroupee retiree abandonnee",
    "transmise": "transmise retenue retenue_en_partie non_retenue ajournee regroupee retiree",
    "ajournee": "transmise retenue retenue_en_partie non_retenue abandonnee retiree",
    "retenue": "en_cours realisee abandonnee",
    "retenue_en_partie": "en_cours realisee abandonnee",
    "en_cours": "en_cours realisee abandonnee",
    "non_retenue": "transmise",
}
"""exchange-format.md, etapes.csv. Nothing follows what is not named before the colon."""
PAIRS = ", ".join(f"'{before}>{kind}'" for before, kinds in MAY_FOLLOW.items() for kind in kinds.split())

NO_PATH = f"""(
    EXISTS (SELECT 1 FROM (
        SELECT kind, LAG(kind) OVER (ORDER BY position) AS before
        FROM step WHERE proposal_id = {{number}} AND voided_on IS NULL
    ) AS held WHERE COALESCE(before, '') || '>' || kind NOT IN ({PAIRS}))
    OR EXISTS (SELECT 1 FROM (
        SELECT on_date, LAG(on_date) OVER (ORDER BY position) AS before FROM step WHERE proposal_id = {{number}}
    ) AS dated WHERE on_date < before)
)"""
NOTHING_HOLDS = "NOT EXISTS (SELECT 1 FROM step WHERE proposal_id = {number} AND voided_on IS NULL)"
CIRCLE = """{number} IN (
    WITH RECURSIVE following(number) AS (
        SELECT to_proposal_id FROM step
        WHERE proposal_id = {number} AND kind = 'regroupee' AND voided_on IS NULL
        UNION
        SELECT step.to_proposal_id FROM step JOIN following ON step.proposal_id = following.number
        WHERE step.kind = 'regroupee' AND step.voided_on IS NULL
    ) SELECT number FROM following
)"""
"""A merger that leads back to where it began, by way of others."""
ADDS_TO_IT = f"""(
    NEW.voided_on IS NULL AND NEW.kind <> 'regroupee'
    AND NOT EXISTS (
        SELECT 1 FROM step
        WHERE proposal_id = NEW.proposal_id AND (position > NEW.position OR on_date > NEW.on_date)
    )
    AND COALESCE((
        SELECT kind FROM step WHERE proposal_id = NEW.proposal_id AND position < NEW.position AND voided_on IS NULL
        ORDER BY position DESC LIMIT 1
    ), '') || '>' || NEW.kind IN ({PAIRS})
)"""
"""A new step goes on from the path there was: most do, and the whole need not be looked at (three times faster)."""
HELD = "EXISTS (SELECT 1 FROM held_path WHERE proposal_id = {number})"
STANDS = "EXISTS (SELECT 1 FROM proposal WHERE id = {number})"
RECORDED = ("proposal_id", "position", "kind", "on_date", "to_body_id", "to_recipient_id", "to_proposal_id")
"""What never changes of a step: a mistaken one is voided with a reason."""

OUTSIDE = "the steps of a proposal are no path of the table"
ROUND = "proposals merged in a circle"
RECORDED_STAYS = "a recorded step keeps its place, kind, date and destination: void it with a reason"
NEVER_REMOVED = "a step is never removed: void it with a reason"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "held_path",
        sa.Column("proposal_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("nobody", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("nobody = 0 AND proposal_id > 0", name=op.f("ck_held_path_until_commit")),
        sa.ForeignKeyConstraint(
            ["nobody"],
            ["held_path.proposal_id"],
            name=op.f("fk_held_path_nobody_held_path"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_held_path_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_held_path")),
    )
    op.create_index("ix_relay_on_date_id", "relay", ["on_date", "id"])
    if op.get_bind().dialect.name == "sqlite":
        _watch_on_sqlite()
    else:
        _watch_on_postgresql()


def downgrade() -> None:
    """Go back."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("added", "recorded", "voided", "kept"):
            op.execute(f"DROP TRIGGER step_{name}")
        op.execute("DROP TRIGGER held_path_released")
    else:
        for name in ("added", "recorded", "kept"):
            op.execute(f"DROP TRIGGER step_{name} ON step")
        op.execute("DROP TRIGGER held_path_released ON held_path")
        for name in ("step_is_on_a_path", "step_stays_as_recorded", "step_is_never_removed", "path_is_released"):
            op.execute(f"DROP FUNCTION {name}()")
        op.execute("DROP FUNCTION path_fault(integer, boolean)")
    op.drop_index("ix_relay_on_date_id", "relay")
    op.drop_table("held_path")


def _watch_on_sqlite() -> None:
    new, old = "NEW.proposal_id", "OLD.proposal_id"
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in RECORDED)
    unsure = f"NOT {ADDS_TO_IT} AND NOT {HELD.format(number=new)}"
    _refuse(f"step_added AFTER INSERT ON step WHEN {unsure}", new, {OUTSIDE: NO_PATH, ROUND: CIRCLE})
    _refuse(f"step_recorded BEFORE UPDATE OF {', '.join(RECORDED)} ON step", new, {RECORDED_STAYS: changed})
    _refuse(
        "step_voided AFTER UPDATE OF voided_on ON step "
        f"WHEN (NEW.voided_on IS NULL) <> (OLD.voided_on IS NULL) AND NOT {HELD.format(number=new)}",
        new,
        {OUTSIDE: f"{NO_PATH} OR {NOTHING_HOLDS}", ROUND: CIRCLE},
    )
    standing = f"{STANDS.format(number=old)} AND NOT {HELD.format(number=old)}"
    _refuse(f"step_kept BEFORE DELETE ON step WHEN {standing}", old, {NEVER_REMOVED: "TRUE"})
    _refuse(f"held_path_released AFTER DELETE ON held_path WHEN {STANDS.format(number=old)}", old, {
        OUTSIDE: f"{NO_PATH} OR {NOTHING_HOLDS}", ROUND: CIRCLE,
    })  # fmt: skip


def _refuse(trigger: str, number: str, faults: dict[str, str]) -> None:
    """Make a trigger that refuses what has one of the faults: sentence -> condition."""
    checks = " ".join(
        f"SELECT RAISE(ABORT, '{sentence}') WHERE {condition.format(number=number)};"
        for sentence, condition in faults.items()
    )
    op.execute(f"CREATE TRIGGER {trigger} BEGIN {checks} END")


def _watch_on_postgresql() -> None:
    values = {"no_path": NO_PATH, "nothing_holds": NOTHING_HOLDS, "circle": CIRCLE}
    conditions = {name: text.format(number="$1") for name, text in values.items()}
    op.execute(
        "CREATE FUNCTION path_fault(number integer, whole boolean) RETURNS text LANGUAGE sql STABLE AS $$ SELECT CASE "
        f"WHEN {conditions['no_path']} OR ($2 AND {conditions['nothing_holds']}) THEN '{OUTSIDE}' "
        f"WHEN {conditions['circle']} THEN '{ROUND}' END $$"
    )
    # Two transactions that add to one proposal wait for each other: neither could see the other's step otherwise.
    _function("step_is_on_a_path", f"""
        IF NOT {HELD.format(number="NEW.proposal_id")} THEN
            PERFORM 1 FROM proposal WHERE id = NEW.proposal_id FOR NO KEY UPDATE;
            IF TG_OP = 'UPDATE' OR NOT {ADDS_TO_IT} THEN {_raise_fault("NEW.proposal_id", "TG_OP = 'UPDATE'")} END IF;
        END IF;
        RETURN NULL;""")  # fmt: skip
    _function("step_stays_as_recorded", f"{_raise(RECORDED_STAYS)} RETURN NULL;")
    _function("step_is_never_removed", f"""
        IF {STANDS.format(number="OLD.proposal_id")} AND NOT {HELD.format(number="OLD.proposal_id")} THEN
            {_raise(NEVER_REMOVED)}
        END IF;
        RETURN OLD;""")  # fmt: skip
    _function("path_is_released", f"""
        IF {STANDS.format(number="OLD.proposal_id")} THEN {_raise_fault("OLD.proposal_id", "TRUE")} END IF;
        RETURN NULL;""")  # fmt: skip
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in RECORDED)
    each = "FOR EACH ROW EXECUTE FUNCTION"
    op.execute(f"CREATE TRIGGER step_added AFTER INSERT OR UPDATE OF voided_on ON step {each} step_is_on_a_path()")
    op.execute(
        f"CREATE TRIGGER step_recorded BEFORE UPDATE OF {', '.join(RECORDED)} ON step "
        f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION step_stays_as_recorded()"
    )
    op.execute(f"CREATE TRIGGER step_kept BEFORE DELETE ON step {each} step_is_never_removed()")
    op.execute(f"CREATE TRIGGER held_path_released AFTER DELETE ON held_path {each} path_is_released()")


def _function(name: str, body: str) -> None:
    text = f"DECLARE fault text; BEGIN {body} END"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {text} $$")


def _raise(sentence: str) -> str:
    return f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation';"


def _raise_fault(number: str, whole: str) -> str:
    return (
        f"fault := path_fault({number}, {whole}); "
        "IF fault IS NOT NULL THEN RAISE EXCEPTION '%', fault USING ERRCODE = 'check_violation'; END IF;"
    )
