"""Trials: a sample of rows made by the current code, beside what the table has; nothing is kept."""
