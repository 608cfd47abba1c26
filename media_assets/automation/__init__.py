"""What runs by itself: sensors, schedules, declarative automation, and the runs they lead to."""
