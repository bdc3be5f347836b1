"""The address of a proposal: `<ref>-<slug of its title>`. The ref alone decides; the slug is there to be read."""

from participation.refs import slugify

SLUG_WORDS = 8


def canonical_path(ref: str, title: str) -> str:
    """Return the last part of a proposal's address; the ref alone where the title has no Latin letter."""
    slug = "-".join(slugify(title).split("-")[:SLUG_WORDS])[:80].strip("-")
    return f"{ref}-{slug}" if slug else ref


def prefixes(path: str) -> list[str]:
    """Return each beginning of `path` that ends at a hyphen, and the path itself: the refs that it may hold."""
    parts = path.split("-")[:60]
    found = ["-".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return [prefix for prefix in dict.fromkeys([*found, path]) if prefix]
