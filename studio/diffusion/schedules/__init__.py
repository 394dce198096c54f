"""Schedules: where between sigma_max and sigma_min the steps are placed. One file a family."""

FAMILIES = ("Table 1", "Geometric", "Time", "Published", "A model's own levels", "Your own")
"""The order in which families are listed; one that is missing here comes last."""
