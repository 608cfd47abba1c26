"""Pictures to measure and show with, no part of what is installed."""
