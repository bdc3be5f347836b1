"""Closed lists that a contract file must use, and that no contract may extend.

They come from the exchange format (columns ``niveau``, ``famille``,
``echelle``, ``type`` and ``financement``) and from the definitions of the
indicators. What varies from one contract to the next (kinds of bodies, themes,
recipients) is data, in the contract file.
"""

LEVELS = ("information", "consultation", "concertation", "coproduction", "codecision")
FAMILIES = ("participation", "gouvernance")
SCALES = ("communale", "intercommunale")
QUARTIER_KINDS = ("qpv", "territoire_vulnerable", "autre")
POPULATION_SCOPES = ("contrat", "epci", "quartiers")

MEETING_TYPES = (
    "reunion",
    "cafe_citoyen",
    "atelier",
    "balade_urbaine",
    "micro_trottoir",
    "stand",
    "porte_a_porte",
    "temps_convivial",
    "reunion_publique",
    "restitution",
    "bilan_annuel",
    "election",
    "comite",
)

MEANS = (
    "ftu",
    "budget_citoyen",
    "pic",
    "tfpb",
    "p147",
    "droit_commun",
    "bailleur",
    "autre",
)

INDICATORS = (
    "PC1.existing",
    "PC1.active",
    "PC2.bodies_with_residents",
    "PC2.bodies",
    "PC2.meetings_with_residents_share",
    "PC2.seats",
    "PC3.bodies",
    "PC3.attendances",
    "PC4.opinions",
    "PC4.opinions_followed_share",
    "PC4.received",
    "PC4.submitted_share",
    "PC4.answered_share",
    "PC4.accepted_share",
    "PC4.done_share",
    "PC4.answer_days_median",
    "PC4.told_share",
    "PC4.overdue",
    "G1.total",
    "G1.communale",
    "G1.communautaire",
    "G2.total",
    "G2.mean",
    "G3.count",
    "D1.first_time_share",
    "D2.qpv_share",
    "D3.women_share",
    "D4.under26_share",
    "D4.over60_share",
    "D5.rate_per_1000",
    "L1.information",
    "L1.consultation",
    "L1.concertation",
    "L1.coproduction",
    "L1.codecision",
    "A1.outreach_share",
    "R1.cadence",
    "M1.members",
    "M1.entries",
    "M1.exits",
    "T1.minutes_15d_share",
)
