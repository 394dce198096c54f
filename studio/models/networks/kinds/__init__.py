"""The kinds of networks that a header can name: one file each, found without being listed."""
