"""Read a trajectory: measures of its steps, and pictures that compare steps and takes."""
