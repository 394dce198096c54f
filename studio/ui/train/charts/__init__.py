"""What a run has done so far: its figures, its losses by noise level, its samples."""
