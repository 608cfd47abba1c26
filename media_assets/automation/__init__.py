"""Sensors, schedules, automation conditions, and the runs that they start."""
