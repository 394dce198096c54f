"""The prompt: what the pictures are to show, in words, and how large they are."""
