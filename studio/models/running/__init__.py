"""How an opened network runs: its memory, its type, compiled or not, whole or in parts."""
