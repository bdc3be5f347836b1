"""Who asked to be told by mail of a proposal, an instance or a quartier."""
