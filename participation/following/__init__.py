"""What its author can find of an opinion: the five words, the receipt, what became of it."""
