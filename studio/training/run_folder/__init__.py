"""What a run folder holds: all that the trainer says, and the way to tell it something."""
