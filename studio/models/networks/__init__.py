"""The networks behind published models, under the public names of their parameters."""
