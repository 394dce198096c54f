"""`elucidate edit`: what is done to a given picture, without a window. One file a task."""
