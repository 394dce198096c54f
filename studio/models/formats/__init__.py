"""The formats of models, one file each; see `studio.models.registry`."""
