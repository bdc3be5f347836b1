"""Signalling a published text, without an account."""
