"""The way of a proposal between instances: who carries it where, what comes back, what is split and linked."""
