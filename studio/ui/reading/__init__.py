"""The controls over the canvas with which a trajectory is read."""
