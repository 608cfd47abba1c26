"""Pictures for measurements and demos, not installed."""
