"""first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("function", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "role IN ('admin', 'chef_projet', 'animateur', 'elu', 'representant')", name=op.f("ck_account_role_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_table(
        "ambition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ambition")),
        sa.UniqueConstraint("code", name=op.f("uq_ambition_code")),
        sa.UniqueConstraint("slug", name=op.f("uq_ambition_slug")),
    )
    op.create_table(
        "baseline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(length=40), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baseline")),
    )
    op.create_table(
        "body_kind",
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_body_kind")),
    )
    op.create_table(
        "cadence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("meeting_type", sa.String(length=30), nullable=True),
        sa.Column("per_year", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("per_year > 0", name=op.f("ck_cadence_per_year_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cadence")),
        sa.UniqueConstraint("key", name=op.f("uq_cadence_key")),
    )
    op.create_table(
        "commune",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("insee", sa.String(length=5), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commune")),
        sa.UniqueConstraint("slug", name=op.f("uq_commune_slug")),
    )
    op.create_table(
        "contract",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("siren", sa.String(length=9), nullable=True),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("midterm", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.String(length=50), nullable=False),
        sa.Column("response_days", sa.Integer(), nullable=False),
        sa.Column("response_days_note", sa.Text(), nullable=True),
        sa.Column("response_days_confirmed", sa.Boolean(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("population_year", sa.Integer(), nullable=True),
        sa.Column("population_line", sa.Integer(), nullable=True),
        sa.Column("printed_populations", sa.JSON(), nullable=False),
        sa.Column("announced", sa.JSON(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("institutions", sa.JSON(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_contract_only_one")),
        sa.CheckConstraint("response_days > 0", name=op.f("ck_contract_response_days_positive")),
        sa.CheckConstraint("starts <= midterm AND midterm <= ends", name=op.f("ck_contract_years_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
    )
    op.create_table(
        "journal_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object_kind", sa.String(length=30), nullable=False),
        sa.Column("object_ref", sa.String(length=64), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
    )
    with op.batch_alter_table("journal_entry", schema=None) as batch_op:
        batch_op.create_index("ix_journal_entry_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index(
            "ix_journal_entry_object_kind_object_ref_id", ["object_kind", "object_ref", "id"], unique=False
        )

    op.create_table(
        "means",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_means")),
        sa.UniqueConstraint("slug", name=op.f("uq_means_slug")),
    )
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("type", sa.String(length=30), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("participants", sa.Integer(), nullable=True),
        sa.Column("residents", sa.Integer(), nullable=True),
        sa.Column("qpv_residents", sa.Integer(), nullable=True),
        sa.Column("first_timers", sa.Integer(), nullable=True),
        sa.Column("women", sa.Integer(), nullable=True),
        sa.Column("men", sa.Integer(), nullable=True),
        sa.Column("under_26", sa.Integer(), nullable=True),
        sa.Column("over_60", sa.Integer(), nullable=True),
        sa.Column("elus", sa.Integer(), nullable=True),
        sa.Column("agents", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Text(), nullable=True),
        sa.Column("minutes_published_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "level IN ('information', 'consultation', 'concertation', 'coproduction', 'codecision')",
            name=op.f("ck_meeting_level_known"),
        ),
        sa.CheckConstraint("status IN ('prevue', 'tenue', 'annulee')", name=op.f("ck_meeting_status_known")),
        sa.CheckConstraint(
            "type IN ('reunion', 'cafe_citoyen', 'atelier', 'balade_urbaine', 'micro_trottoir', 'stand', 'porte_a_porte', 'temps_convivial', 'reunion_publique', 'restitution', 'bilan_annuel', 'election', 'comite')",
            name=op.f("ck_meeting_type_known"),
        ),
        sa.CheckConstraint("agents >= 0", name=op.f("ck_meeting_agents_not_negative")),
        sa.CheckConstraint("elus >= 0", name=op.f("ck_meeting_elus_not_negative")),
        sa.CheckConstraint("first_timers >= 0", name=op.f("ck_meeting_first_timers_not_negative")),
        sa.CheckConstraint("men >= 0", name=op.f("ck_meeting_men_not_negative")),
        sa.CheckConstraint("over_60 >= 0", name=op.f("ck_meeting_over_60_not_negative")),
        sa.CheckConstraint("participants >= 0", name=op.f("ck_meeting_participants_not_negative")),
        sa.CheckConstraint(
            "participants IS NULL OR COALESCE(residents, 0) + COALESCE(elus, 0) + COALESCE(agents, 0) <= participants",
            name=op.f("ck_meeting_residents_elus_agents_fit"),
        ),
        sa.CheckConstraint("qpv_residents >= 0", name=op.f("ck_meeting_qpv_residents_not_negative")),
        sa.CheckConstraint("residents >= 0", name=op.f("ck_meeting_residents_not_negative")),
        sa.CheckConstraint(
            "residents IS NULL OR COALESCE(first_timers, 0) <= residents", name=op.f("ck_meeting_first_timers_fit")
        ),
        sa.CheckConstraint(
            "residents IS NULL OR COALESCE(qpv_residents, 0) <= residents", name=op.f("ck_meeting_qpv_residents_fit")
        ),
        sa.CheckConstraint(
            "residents IS NULL OR COALESCE(under_26, 0) + COALESCE(over_60, 0) <= residents",
            name=op.f("ck_meeting_under_26_over_60_fit"),
        ),
        sa.CheckConstraint(
            "residents IS NULL OR COALESCE(women, 0) + COALESCE(men, 0) <= residents",
            name=op.f("ck_meeting_women_men_fit"),
        ),
        sa.CheckConstraint("under_26 >= 0", name=op.f("ck_meeting_under_26_not_negative")),
        sa.CheckConstraint("women >= 0", name=op.f("ck_meeting_women_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("ref", name=op.f("uq_meeting_ref")),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index("ix_meeting_held_on_id", ["held_on", "id"], unique=False)
        batch_op.create_index("ix_meeting_status_held_on_id", ["status", "held_on", "id"], unique=False)
        batch_op.create_index("ix_meeting_type_held_on_id", ["type", "held_on", "id"], unique=False)

    op.create_table(
        "outbox_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dedup_key", sa.String(length=100), nullable=False),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mail")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_outbox_mail_dedup_key")),
    )
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_mail_run_after_lease_until", ["run_after", "lease_until"], unique=False)

    op.create_table(
        "quartier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("qpv_code", sa.String(length=10), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("population_year", sa.Integer(), nullable=True),
        sa.Column("population_perimeter", sa.String(length=100), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('qpv', 'territoire_vulnerable', 'autre')", name=op.f("ck_quartier_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quartier")),
        sa.UniqueConstraint("slug", name=op.f("uq_quartier_slug")),
    )
    op.create_table(
        "rate_window",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", "window_start", name=op.f("pk_rate_window")),
    )
    op.create_table(
        "recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
        sa.UniqueConstraint("slug", name=op.f("uq_recipient_slug")),
    )
    op.create_table(
        "sent_form",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("result_url", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_sent_form")),
    )
    with op.batch_alter_table("sent_form", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sent_form_sent_at"), ["sent_at"], unique=False)

    op.create_table(
        "theme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme")),
        sa.UniqueConstraint("slug", name=op.f("uq_theme_slug")),
    )
    op.create_table(
        "account_identity",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_secret", sa.String(length=64), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_identity_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_identity")),
        sa.UniqueConstraint("email", name=op.f("uq_account_identity_email")),
    )
    op.create_table(
        "account_scope",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.CheckConstraint("kind IN ('commune', 'quartier', 'instance')", name=op.f("ck_account_scope_kind_known")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_scope_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "kind", "slug", name=op.f("pk_account_scope")),
    )
    op.create_table(
        "body",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("family", sa.String(length=20), nullable=False),
        sa.Column("scale", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closing_reason", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("inferred", sa.Boolean(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("from_file", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("family IN ('participation', 'gouvernance')", name=op.f("ck_body_family_known")),
        sa.CheckConstraint(
            "level IN ('information', 'consultation', 'concertation', 'coproduction', 'codecision')",
            name=op.f("ck_body_level_known"),
        ),
        sa.CheckConstraint("scale IN ('communale', 'intercommunale')", name=op.f("ck_body_scale_known")),
        sa.CheckConstraint(
            "closed_on IS NULL OR opened_on IS NULL OR opened_on <= closed_on", name=op.f("ck_body_closes_after")
        ),
        sa.ForeignKeyConstraint(["kind"], ["body_kind.slug"], name=op.f("fk_body_kind_body_kind")),
        sa.ForeignKeyConstraint(["parent_id"], ["body.id"], name=op.f("fk_body_parent_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body")),
        sa.UniqueConstraint("slug", name=op.f("uq_body_slug")),
    )
    with op.batch_alter_table("body", schema=None) as batch_op:
        batch_op.create_index("ix_body_family_kind", ["family", "kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_body_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_body_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_decision_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("ref", name=op.f("uq_decision_ref")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index("ix_decision_done_on_due_on", ["done_on", "due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "meeting_institution",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_institution_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "name", name=op.f("pk_meeting_institution")),
    )
    op.create_table(
        "meeting_quartier",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("quartier_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_quartier_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["quartier_id"], ["quartier.id"], name=op.f("fk_meeting_quartier_quartier_id_quartier")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "quartier_id", name=op.f("pk_meeting_quartier")),
    )
    with op.batch_alter_table("meeting_quartier", schema=None) as batch_op:
        batch_op.create_index("ix_meeting_quartier_quartier_id_meeting_id", ["quartier_id", "meeting_id"], unique=False)

    op.create_table(
        "minutes_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_minutes_version_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_version")),
        sa.UniqueConstraint("meeting_id", "number", name=op.f("uq_minutes_version_meeting_id_number")),
    )
    with op.batch_alter_table("minutes_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_minutes_version_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "objective",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("ambition_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("printed", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(level = 'operational') = (parent_id IS NOT NULL)", name=op.f("ck_objective_operational_has_parent")
        ),
        sa.CheckConstraint("level IN ('strategic', 'operational')", name=op.f("ck_objective_level_known")),
        sa.ForeignKeyConstraint(["ambition_id"], ["ambition.id"], name=op.f("fk_objective_ambition_id_ambition")),
        sa.ForeignKeyConstraint(["parent_id"], ["objective.id"], name=op.f("fk_objective_parent_id_objective")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objective")),
        sa.UniqueConstraint("code", name=op.f("uq_objective_code")),
    )
    with op.batch_alter_table("objective", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objective_ambition_id"), ["ambition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_objective_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('sign_in', 'invitation')", name=op.f("ck_one_time_link_purpose_known")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_one_time_link_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_link_token_hash")),
    )
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_link_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_one_time_link_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "quartier_commune",
        sa.Column("quartier_id", sa.Integer(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["commune_id"], ["commune.id"], name=op.f("fk_quartier_commune_commune_id_commune")),
        sa.ForeignKeyConstraint(
            ["quartier_id"], ["quartier.id"], name=op.f("fk_quartier_commune_quartier_id_quartier"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("quartier_id", "commune_id", name=op.f("pk_quartier_commune")),
    )
    with op.batch_alter_table("quartier_commune", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quartier_commune_commune_id"), ["commune_id"], unique=False)

    op.create_table(
        "representation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("to_kind", sa.String(length=64), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["to_kind"], ["body_kind.slug"], name=op.f("fk_representation_to_kind_body_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representation")),
    )
    op.create_table(
        "staff_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_staff_session_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_session_token_hash")),
    )
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_session_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_session_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "body_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_body_alias_body_id_body"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body_alias")),
        sa.UniqueConstraint("body_id", "name", name=op.f("uq_body_alias_body_id_name")),
    )
    with op.batch_alter_table("body_alias", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_body_alias_body_id"), ["body_id"], unique=False)

    op.create_table(
        "body_commune",
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["body.id"], name=op.f("fk_body_commune_body_id_body"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["commune_id"], ["commune.id"], name=op.f("fk_body_commune_commune_id_commune")),
        sa.PrimaryKeyConstraint("body_id", "commune_id", name=op.f("pk_body_commune")),
    )
    with op.batch_alter_table("body_commune", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_body_commune_commune_id"), ["commune_id"], unique=False)

    op.create_table(
        "body_quartier",
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("quartier_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["body.id"], name=op.f("fk_body_quartier_body_id_body"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["quartier_id"], ["quartier.id"], name=op.f("fk_body_quartier_quartier_id_quartier")),
        sa.PrimaryKeyConstraint("body_id", "quartier_id", name=op.f("pk_body_quartier")),
    )
    with op.batch_alter_table("body_quartier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_body_quartier_quartier_id"), ["quartier_id"], unique=False)

    op.create_table(
        "cadence_body",
        sa.Column("cadence_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_cadence_body_body_id_body")),
        sa.ForeignKeyConstraint(
            ["cadence_id"], ["cadence.id"], name=op.f("fk_cadence_body_cadence_id_cadence"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cadence_id", "body_id", name=op.f("pk_cadence_body")),
    )
    with op.batch_alter_table("cadence_body", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cadence_body_body_id"), ["body_id"], unique=False)

    op.create_table(
        "mandate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("seat_body_id", sa.Integer(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('membre', 'representant', 'animateur', 'elu_referent', 'partenaire')",
            name=op.f("ck_mandate_kind_known"),
        ),
        sa.CheckConstraint("ended_on IS NULL OR started_on <= ended_on", name=op.f("ck_mandate_ends_after")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_mandate_body_id_body")),
        sa.ForeignKeyConstraint(["seat_body_id"], ["body.id"], name=op.f("fk_mandate_seat_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
        sa.UniqueConstraint("ref", name=op.f("uq_mandate_ref")),
    )
    with op.batch_alter_table("mandate", schema=None) as batch_op:
        batch_op.create_index("ix_mandate_body_id_kind_started_on", ["body_id", "kind", "started_on"], unique=False)
        batch_op.create_index(
            "ix_mandate_seat_body_id_kind_started_on", ["seat_body_id", "kind", "started_on"], unique=False
        )

    op.create_table(
        "meeting_body",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_meeting_body_body_id_body")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_body_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "body_id", name=op.f("pk_meeting_body")),
    )
    with op.batch_alter_table("meeting_body", schema=None) as batch_op:
        batch_op.create_index("ix_meeting_body_body_id_meeting_id", ["body_id", "meeting_id"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('recueillie', 'etude', 'transmise', 'ajournee', 'retenue', 'retenue_en_partie', 'non_retenue', 'en_cours', 'realisee', 'abandonnee', 'regroupee', 'retiree')",
            name=op.f("ck_proposal_state_known"),
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_proposal_body_id_body")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_proposal_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_proposal_theme_id_theme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("ref", name=op.f("uq_proposal_ref")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index("ix_proposal_body_id_received_on", ["body_id", "received_on"], unique=False)
        batch_op.create_index("ix_proposal_due_on", ["due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index("ix_proposal_received_on_id", ["received_on", "id"], unique=False)
        batch_op.create_index("ix_proposal_state_received_on_id", ["state", "received_on", "id"], unique=False)
        batch_op.create_index("ix_proposal_theme_id_received_on", ["theme_id", "received_on"], unique=False)

    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_question_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("body_id", "number", name=op.f("uq_question_body_id_number")),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_body_id"), ["body_id"], unique=False)

    op.create_table(
        "representation_body",
        sa.Column("representation_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_representation_body_body_id_body")),
        sa.ForeignKeyConstraint(
            ["representation_id"],
            ["representation.id"],
            name=op.f("fk_representation_body_representation_id_representation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("representation_id", "body_id", name=op.f("pk_representation_body")),
    )
    with op.batch_alter_table("representation_body", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_representation_body_body_id"), ["body_id"], unique=False)

    op.create_table(
        "mandate_person",
        sa.Column("mandate_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["mandate.id"], name=op.f("fk_mandate_person_mandate_id_mandate"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mandate_id", name=op.f("pk_mandate_person")),
    )
    op.create_table(
        "opinion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("body_id", sa.Integer(), nullable=True),
        sa.Column("quartier_id", sa.Integer(), nullable=True),
        sa.Column("theme_id", sa.Integer(), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=True),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.Column("moderation", sa.String(length=20), nullable=False),
        sa.Column("moderation_reason", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('telephone', 'oral', 'papier', 'micro_trottoir', 'web')", name=op.f("ck_opinion_channel_known")
        ),
        sa.CheckConstraint(
            "moderation IN ('en_attente', 'publie', 'reserve', 'rejete')", name=op.f("ck_opinion_moderation_known")
        ),
        sa.CheckConstraint("answered_on IS NULL OR answer IS NOT NULL", name=op.f("ck_opinion_answered_with_text")),
        sa.CheckConstraint(
            "meeting_id IS NOT NULL OR body_id IS NOT NULL OR quartier_id IS NOT NULL",
            name=op.f("ck_opinion_belongs_somewhere"),
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_opinion_body_id_body")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_opinion_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_opinion_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["quartier_id"], ["quartier.id"], name=op.f("fk_opinion_quartier_id_quartier")),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_opinion_theme_id_theme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint("ref", name=op.f("uq_opinion_ref")),
    )
    with op.batch_alter_table("opinion", schema=None) as batch_op:
        batch_op.create_index("ix_opinion_body_id_received_on", ["body_id", "received_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_opinion_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index("ix_opinion_moderation_received_on_id", ["moderation", "received_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opinion_proposal_id"), ["proposal_id"], unique=False)
        batch_op.create_index("ix_opinion_quartier_id_received_on", ["quartier_id", "received_on"], unique=False)
        batch_op.create_index("ix_opinion_received_on_id", ["received_on", "id"], unique=False)
        batch_op.create_index("ix_opinion_theme_id_received_on", ["theme_id", "received_on"], unique=False)

    op.create_table(
        "proposal_objective",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("objective_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["objective_id"], ["objective.id"], name=op.f("fk_proposal_objective_objective_id_objective")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["proposal.id"],
            name=op.f("fk_proposal_objective_proposal_id_proposal"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("proposal_id", "objective_id", name=op.f("pk_proposal_objective")),
    )
    with op.batch_alter_table("proposal_objective", schema=None) as batch_op:
        batch_op.create_index(
            "ix_proposal_objective_objective_id_proposal_id", ["objective_id", "proposal_id"], unique=False
        )

    op.create_table(
        "proposal_quartier",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("quartier_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_quartier_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["quartier_id"], ["quartier.id"], name=op.f("fk_proposal_quartier_quartier_id_quartier")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "quartier_id", name=op.f("pk_proposal_quartier")),
    )
    with op.batch_alter_table("proposal_quartier", schema=None) as batch_op:
        batch_op.create_index(
            "ix_proposal_quartier_quartier_id_proposal_id", ["quartier_id", "proposal_id"], unique=False
        )

    op.create_table(
        "step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("short_answer", sa.Text(), nullable=True),
        sa.Column("to_body_id", sa.Integer(), nullable=True),
        sa.Column("to_recipient_id", sa.Integer(), nullable=True),
        sa.Column("to_proposal_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("funding", sa.String(length=20), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("abstentions", sa.Integer(), nullable=True),
        sa.Column("deliberation", sa.Text(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("told_meeting_id", sa.Integer(), nullable=True),
        sa.Column("voided_on", sa.Date(), nullable=True),
        sa.Column("voided_reason", sa.Text(), nullable=True),
        sa.Column("superseded_on", sa.Date(), nullable=True),
        sa.Column("author", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'regroupee') = (to_proposal_id IS NOT NULL) AND (to_proposal_id IS NULL OR to_proposal_id <> proposal_id)",
            name=op.f("ck_step_merged_into_another"),
        ),
        sa.CheckConstraint(
            "funding IN ('ftu', 'budget_citoyen', 'pic', 'tfpb', 'p147', 'droit_commun', 'bailleur', 'autre')",
            name=op.f("ck_step_funding_known"),
        ),
        sa.CheckConstraint(
            "kind <> 'transmise' OR ((to_body_id IS NULL) <> (to_recipient_id IS NULL))",
            name=op.f("ck_step_transmitted_to_one"),
        ),
        sa.CheckConstraint(
            "kind = 'transmise' OR (to_body_id IS NULL AND to_recipient_id IS NULL)",
            name=op.f("ck_step_only_transmitted_goes_on"),
        ),
        sa.CheckConstraint(
            "kind IN ('recueillie', 'etude', 'transmise', 'ajournee', 'retenue', 'retenue_en_partie', 'non_retenue', 'en_cours', 'realisee', 'abandonnee', 'regroupee', 'retiree')",
            name=op.f("ck_step_kind_known"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('retenue', 'retenue_en_partie', 'non_retenue', 'ajournee', 'abandonnee') OR (reason IS NOT NULL AND LENGTH(TRIM(reason)) > 0)",
            name=op.f("ck_step_outcome_has_reason"),
        ),
        sa.CheckConstraint(
            "told_on IS NULL OR kind IN ('retenue', 'retenue_en_partie', 'non_retenue')",
            name=op.f("ck_step_only_decision_is_told"),
        ),
        sa.CheckConstraint(
            "(voided_on IS NULL AND voided_reason IS NULL) OR (voided_on IS NOT NULL AND voided_reason IS NOT NULL AND LENGTH(TRIM(voided_reason)) > 0)",
            name=op.f("ck_step_voided_has_reason"),
        ),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_step_amount_not_negative")),
        sa.CheckConstraint("position > 0", name=op.f("ck_step_position_positive")),
        sa.CheckConstraint(
            "votes_for >= 0 AND votes_against >= 0 AND abstentions >= 0", name=op.f("ck_step_votes_not_negative")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_step_body_id_body")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_step_meeting_id_meeting")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_step_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["to_body_id"], ["body.id"], name=op.f("fk_step_to_body_id_body")),
        sa.ForeignKeyConstraint(["to_proposal_id"], ["proposal.id"], name=op.f("fk_step_to_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["to_recipient_id"], ["recipient.id"], name=op.f("fk_step_to_recipient_id_recipient")),
        sa.ForeignKeyConstraint(["told_meeting_id"], ["meeting.id"], name=op.f("fk_step_told_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint("proposal_id", "position", name=op.f("uq_step_proposal_id_position")),
    )
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_step_body_id"), ["body_id"], unique=False)
        batch_op.create_index("ix_step_kind_on_date_proposal_id", ["kind", "on_date", "proposal_id"], unique=False)
        batch_op.create_index("ix_step_meeting_id", ["meeting_id"], unique=False)
        batch_op.create_index("ix_step_to_body_id", ["to_body_id"], unique=False)
        batch_op.create_index("ix_step_to_proposal_id", ["to_proposal_id"], unique=False)
        batch_op.create_index("ix_step_to_recipient_id", ["to_recipient_id"], unique=False)
        batch_op.create_index("ix_step_told_meeting_id", ["told_meeting_id"], unique=False)

    _make_journal_append_only()


def downgrade() -> None:
    """Go back."""
    _let_journal_change()
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.drop_index("ix_step_told_meeting_id")
        batch_op.drop_index("ix_step_to_recipient_id")
        batch_op.drop_index("ix_step_to_proposal_id")
        batch_op.drop_index("ix_step_to_body_id")
        batch_op.drop_index("ix_step_meeting_id")
        batch_op.drop_index("ix_step_kind_on_date_proposal_id")
        batch_op.drop_index(batch_op.f("ix_step_body_id"))

    op.drop_table("step")
    with op.batch_alter_table("proposal_quartier", schema=None) as batch_op:
        batch_op.drop_index("ix_proposal_quartier_quartier_id_proposal_id")

    op.drop_table("proposal_quartier")
    with op.batch_alter_table("proposal_objective", schema=None) as batch_op:
        batch_op.drop_index("ix_proposal_objective_objective_id_proposal_id")

    op.drop_table("proposal_objective")
    with op.batch_alter_table("opinion", schema=None) as batch_op:
        batch_op.drop_index("ix_opinion_theme_id_received_on")
        batch_op.drop_index("ix_opinion_received_on_id")
        batch_op.drop_index("ix_opinion_quartier_id_received_on")
        batch_op.drop_index(batch_op.f("ix_opinion_proposal_id"))
        batch_op.drop_index("ix_opinion_moderation_received_on_id")
        batch_op.drop_index(batch_op.f("ix_opinion_meeting_id"))
        batch_op.drop_index("ix_opinion_body_id_received_on")

    op.drop_table("opinion")
    op.drop_table("mandate_person")
    with op.batch_alter_table("representation_body", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_representation_body_body_id"))

    op.drop_table("representation_body")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_body_id"))

    op.drop_table("question")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index("ix_proposal_theme_id_received_on")
        batch_op.drop_index("ix_proposal_state_received_on_id")
        batch_op.drop_index("ix_proposal_received_on_id")
        batch_op.drop_index(batch_op.f("ix_proposal_meeting_id"))
        batch_op.drop_index("ix_proposal_due_on")
        batch_op.drop_index("ix_proposal_body_id_received_on")

    op.drop_table("proposal")
    with op.batch_alter_table("meeting_body", schema=None) as batch_op:
        batch_op.drop_index("ix_meeting_body_body_id_meeting_id")

    op.drop_table("meeting_body")
    with op.batch_alter_table("mandate", schema=None) as batch_op:
        batch_op.drop_index("ix_mandate_seat_body_id_kind_started_on")
        batch_op.drop_index("ix_mandate_body_id_kind_started_on")

    op.drop_table("mandate")
    with op.batch_alter_table("cadence_body", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cadence_body_body_id"))

    op.drop_table("cadence_body")
    with op.batch_alter_table("body_quartier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_body_quartier_quartier_id"))

    op.drop_table("body_quartier")
    with op.batch_alter_table("body_commune", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_body_commune_commune_id"))

    op.drop_table("body_commune")
    with op.batch_alter_table("body_alias", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_body_alias_body_id"))

    op.drop_table("body_alias")
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_session_expires_at"))
        batch_op.drop_index(batch_op.f("ix_staff_session_account_id"))

    op.drop_table("staff_session")
    op.drop_table("representation")
    with op.batch_alter_table("quartier_commune", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quartier_commune_commune_id"))

    op.drop_table("quartier_commune")
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_link_expires_at"))
        batch_op.drop_index(batch_op.f("ix_one_time_link_account_id"))

    op.drop_table("one_time_link")
    with op.batch_alter_table("objective", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_objective_parent_id"))
        batch_op.drop_index(batch_op.f("ix_objective_ambition_id"))

    op.drop_table("objective")
    with op.batch_alter_table("minutes_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_minutes_version_meeting_id"))

    op.drop_table("minutes_version")
    with op.batch_alter_table("meeting_quartier", schema=None) as batch_op:
        batch_op.drop_index("ix_meeting_quartier_quartier_id_meeting_id")

    op.drop_table("meeting_quartier")
    op.drop_table("meeting_institution")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_meeting_id"))
        batch_op.drop_index("ix_decision_done_on_due_on")

    op.drop_table("decision")
    with op.batch_alter_table("body", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_body_parent_id"))
        batch_op.drop_index(batch_op.f("ix_body_kind"))
        batch_op.drop_index("ix_body_family_kind")

    op.drop_table("body")
    op.drop_table("account_scope")
    op.drop_table("account_identity")
    op.drop_table("theme")
    with op.batch_alter_table("sent_form", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sent_form_sent_at"))

    op.drop_table("sent_form")
    op.drop_table("recipient")
    op.drop_table("rate_window")
    op.drop_table("quartier")
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_mail_run_after_lease_until")

    op.drop_table("outbox_mail")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index("ix_meeting_type_held_on_id")
        batch_op.drop_index("ix_meeting_status_held_on_id")
        batch_op.drop_index("ix_meeting_held_on_id")

    op.drop_table("meeting")
    op.drop_table("means")
    with op.batch_alter_table("journal_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_journal_entry_object_kind_object_ref_id")
        batch_op.drop_index("ix_journal_entry_account_id_id")

    op.drop_table("journal_entry")
    op.drop_table("contract")
    op.drop_table("commune")
    op.drop_table("cadence")
    op.drop_table("body_kind")
    op.drop_table("baseline")
    op.drop_table("ambition")
    op.drop_table("account")


def _make_journal_append_only() -> None:
    """Let the database itself refuse to change or remove a line of the journal (security.md R19)."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER journal_entry_no_{verb.lower()} BEFORE {verb} ON journal_entry "
                "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()"
    )


def _let_journal_change() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(f"DROP TRIGGER journal_entry_no_{verb.lower()}")
        return
    op.execute("DROP TRIGGER journal_entry_append_only ON journal_entry")
    op.execute("DROP FUNCTION journal_is_append_only()")
