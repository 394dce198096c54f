"""What is done to a given picture: restored, encoded, gone away from, measured."""
