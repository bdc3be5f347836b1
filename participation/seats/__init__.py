"""Seats that instances hold in one another: substitutes, presence, report-back, elections."""
