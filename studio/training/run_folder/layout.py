"""The names in a run folder."""

STATS, STATUS = "stats.jsonl", "status.json"
COMMANDS, SAMPLES, AVERAGES = "commands", "samples", "averages"
DATA_SHEET, DATA_FACTS = "data.png", "data.json"
