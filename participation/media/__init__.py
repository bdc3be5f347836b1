"""Recordings and photos that residents send: re-encoded, kept outside static, behind permission."""
