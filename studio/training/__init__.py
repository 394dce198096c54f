"""What changes weights: data, augmentation, losses, averages, the loop. A process of its own."""
