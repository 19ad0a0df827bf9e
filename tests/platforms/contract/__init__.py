"""What every source owes, asked of each in turn."""
