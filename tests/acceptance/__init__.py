"""The program as a stranger meets it: packages written by hand, figures counted by hand, nothing of its inside."""
