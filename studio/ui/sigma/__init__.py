"""The plot of the schedule and its editor."""
