"""What is done of an accepted proposal, shown done, and what residents say of it afterwards."""
