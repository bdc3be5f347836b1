"""What comes next: campaigns, duties of the contract, what waits for whom."""
