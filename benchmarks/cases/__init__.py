"""What is measured: one file per comparison."""
