"""What a model is asked beside pictures: to encode, to interpolate, to measure. One file each."""
