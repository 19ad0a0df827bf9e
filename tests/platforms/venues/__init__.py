"""What is peculiar to each exchange."""
