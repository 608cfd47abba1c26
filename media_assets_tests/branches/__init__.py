"""What a branch changed, and its shipment."""
