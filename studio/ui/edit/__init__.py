"""The Edit tab: restore a picture, encode it, go between two, and measure how likely it is."""
