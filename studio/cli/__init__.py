"""The command line: `elucidate sample`, `inspect`, `bench`, and the window by default."""
