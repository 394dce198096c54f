"""What goes wrong with a training run."""


class TrainingError(ValueError):
    """Say in one sentence or two what is wrong with a run, where, and what to do."""
