"""What is peculiar to a venue."""
