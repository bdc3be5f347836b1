"""The yearly assessment: the contract's indicators, computed in the database, with the rows behind each figure.

Reads every feature below; nothing imports it. `engine.assess` is the way in; `indicators` holds the definitions,
`relations` the rows they run over, `small_counts` what the public may not read.
"""
