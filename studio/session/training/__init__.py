"""The training runs that the window knows: found, read, started and told what to do."""
