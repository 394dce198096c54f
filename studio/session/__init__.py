"""The live state of the studio, without a window."""
