"""Prompts: how they are written, and how a text encoder reads them."""
