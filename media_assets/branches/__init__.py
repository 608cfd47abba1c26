"""What a branch changed: its rows and cells, how they differ from main, and their shipment."""
