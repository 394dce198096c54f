"""The Compare tab: samplers and schedules at equal cost, from the same noise."""
