"""One screen that records a meeting while it goes on, with or without network."""
