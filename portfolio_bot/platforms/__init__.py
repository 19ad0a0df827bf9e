"""Sources: one small file or one table row each. They know the venue and nothing else."""
