"""Tell that memory ran out, whatever device says so."""

# The last is what the CPU's convolutions say when their scratch memory cannot be had.
_WORDS = (
    "out of memory",
    "not enough memory",
    "allocate memory",
    "alloc_failed",
    "could not create a primitive",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether `error` is any device's way of saying that memory ran out."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in text for words in _WORDS)
