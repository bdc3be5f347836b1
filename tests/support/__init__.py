"""What the tests are made with: databases, browser, clients, checks."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The folder of the project."""
