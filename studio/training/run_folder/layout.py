"""The names in a run folder."""

STATS, STATUS = "stats.jsonl", "status.json"
COMMANDS, SAMPLES, AVERAGES = "commands", "samples", "averages"
