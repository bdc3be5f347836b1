"""Every page of the program: the blueprints of the features, and what higher features add to lower ones' pages."""

from flask import Flask

from participation.actions import answering_views, evaluation_views, waiting_views
from participation.assessment import api_views, file_views, meeting_views, objective_views, review_views, version_views
from participation.assessment import views as assessment
from participation.bodies import team_views
from participation.bodies import views as bodies
from participation.circuit import agenda_views, carrying_views, link_views, relay_views
from participation.circuit import views as circuit
from participation.exchange import list_views
from participation.exchange import views as exchange
from participation.following import author_views, contact_views, telling_views
from participation.following import team_views as team_following
from participation.following import views as following
from participation.live import key_views, kiosk_views, offline_views
from participation.live import views as live
from participation.media import views as media
from participation.meetings import minutes_views
from participation.meetings import team_views as team_meetings
from participation.meetings import views as meetings
from participation.minutes import file_views as minutes_files
from participation.minutes import views as minutes
from participation.opinions import chosen_views, flood_views, reading_views, translation_views
from participation.opinions import public_views as public_opinions
from participation.opinions import views as opinions
from participation.pages import admin, context, journal, legal, open_data, team, territory, trace
from participation.pages import bodies as additions_to_bodies
from participation.people import admin as people
from participation.planning import campaign_views, obligation_views, room_views, sheet_views
from participation.planning import views as planning
from participation.proposals import answers_views, step_views, support_views
from participation.proposals import team_views as team_proposals
from participation.proposals import views as proposals
from participation.reports import team_views as team_reports
from participation.reports import views as reports
from participation.seats import election_views, mandate_views
from participation.seats import telling_views as telling_back_views
from participation.seats import views as seats
from participation.speaking import card_views, joining_views, near_views
from participation.speaking import team_views as team_speaking
from participation.speaking import views as speaking
from participation.subscriptions import views as subscriptions

SHARED = (
    *(admin, context, journal, legal, open_data, trace, list_views, mandate_views, team_views, circuit),
    *(additions_to_bodies, public_opinions, support_views, review_views, version_views, file_views, objective_views),
    meeting_views,
    *(
        api_views,
        answers_views,
        team_reports,
        near_views,
        chosen_views,
        flood_views,
        reading_views,
        translation_views,
        author_views,
        contact_views,
        team_following,
    ),
    telling_views,
    obligation_views,
    campaign_views,
    room_views,
    sheet_views,
    election_views,
    telling_back_views,
)
"""Imported for what they add: their routes join a blueprint below, or they provide parts of other features' pages."""

BLUEPRINTS = (
    territory.bp,
    people.bp,
    bodies.bp,
    mandate_views.bp,
    meetings.bp,
    team_meetings.bp,
    minutes_views.bp,
    opinions.bp,
    media.bp,
    joining_views.bp,
    following.bp,
    speaking.bp,
    team_speaking.bp,
    card_views.bp,
    live.bp,
    kiosk_views.bp,
    key_views.bp,
    offline_views.bp,
    minutes.bp,
    minutes_files.bp,
    planning.bp,
    subscriptions.bp,
    proposals.bp,
    team_proposals.bp,
    step_views.bp,
    carrying_views.bp,
    relay_views.bp,
    agenda_views.bp,
    seats.bp,
    link_views.bp,
    answering_views.bp,
    waiting_views.bp,
    evaluation_views.bp,
    reports.bp,
    exchange.bp,
    assessment.bp,
    team.bp,
)


def init_app(app: Flask) -> None:
    """Answer every address of the program."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
