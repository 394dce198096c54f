"""What changes weights: data, augmentation, loss, averages and the loop, in a process of its own."""
