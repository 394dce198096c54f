"""What goes wrong with a model file."""


class ModelError(ValueError):
    """Say in one sentence or two which model is meant, what is wrong with it and what to do.

    Raised for files that are missing, empty, cut short, of an unknown kind or hostile, and for
    requests that a model cannot meet: a device that is not there, a class that it does not have.
    """


CONFUSED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)
"""What comes of tensors whose names or shapes make no sense together."""
