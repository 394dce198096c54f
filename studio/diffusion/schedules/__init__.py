"""Schedules: where between sigma_max and sigma_min the steps are placed. One file a family."""
