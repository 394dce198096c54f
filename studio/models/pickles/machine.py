"""Read a pickle without running anything in it.

A pickle is a program for a small machine with a stack. This is that machine without its dangerous
half: names are never looked up and nothing is ever called. Calling a name on the list of
`studio.models.pickles.names` yields what its stand-in there says, which is a plain value or a
record of the call; every other name ends the reading. The opcodes are those of Python's
`pickletools`, protocols 0 to 5.
"""

import struct
from collections.abc import Callable, Mapping
from typing import Any

from studio.models.pickles import numbers
from studio.models.pickles.errors import DamagedError, PickleError
from studio.models.pickles.stack import Machine

STEP_LIMIT = 2_000_000
"""Opcodes in a file; published models need some hundred thousand, and these take seconds."""

_DONE = object()


def read_pickle(machine: Machine) -> Any:
    """Return the value of the pickle where the source of a machine stands.

    Raises:
        PickleError: it is damaged, too large, or asks for something that a model has no use for.
    """
    source, table = machine.source, OPCODES
    try:
        while True:
            source.steps += 1
            if source.steps > STEP_LIMIT:
                raise PickleError("it has more steps than any model")
            code = source.code()
            act = table.get(code)
            if act is None:
                raise DamagedError(f"it holds the unknown or unwanted code {code!r}")
            if act(machine) is _DONE:
                return machine.pop()
    except (IndexError, KeyError, OverflowError) as error:
        raise DamagedError("its steps make no sense, as in a damaged file") from error
    except (ValueError, TypeError, struct.error) as error:
        raise DamagedError(f"it is damaged ({str(error)[:80]})") from error


def _counted(form: str, length: int) -> Callable[[Machine], Any]:
    read = struct.Struct(form).unpack
    return lambda m: read(m.source.take(length))[0]


def _pushes(read: Callable[[Machine], object]) -> Callable[[Machine], None]:
    return lambda m: m.push(read(m))


def _constant(value: object) -> Callable[[Machine], None]:
    return lambda m: m.push(value)


_one, _two, _four = _counted("<B", 1), _counted("<H", 2), _counted("<I", 4)
_eight, _signed, _double = _counted("<Q", 8), _counted("<i", 4), _counted(">d", 8)


def _line(m: Machine) -> bytes:
    return m.source.line()


def _latin(length: Callable[[Machine], int]) -> Callable[[Machine], None]:
    return _pushes(lambda m: m.source.take(length(m)).decode("latin-1"))  # a text of Python 2


def _raw(length: Callable[[Machine], int]) -> Callable[[Machine], None]:
    return _pushes(lambda m: m.source.raw(length(m)))


def _unicode(length: Callable[[Machine], int]) -> Callable[[Machine], None]:
    return _pushes(lambda m: m.source.take(length(m)).decode("utf-8", "surrogatepass"))


def _long(length: Callable[[Machine], int]) -> Callable[[Machine], None]:
    return _pushes(lambda m: numbers.long(m.source, length(m)))


OPCODES: Mapping[bytes, Callable[[Machine], object]] = {
    b".": lambda m: _DONE,
    b"(": Machine.mark,
    b"0": Machine.drop,
    b"1": Machine.pop_marked,
    b"2": Machine.twice,
    b"\x80": _one,  # the protocol
    b"\x95": _eight,  # a frame, which needs no attention
    # numbers
    b"N": _constant(None),
    b"\x88": _constant(True),
    b"\x89": _constant(False),
    b"I": _pushes(lambda m: numbers.written(m.source.line())),
    b"L": _pushes(lambda m: numbers.written_long(m.source.line())),
    b"F": _pushes(lambda m: float(m.source.line())),
    b"J": _pushes(_signed),
    b"K": _pushes(_one),
    b"M": _pushes(_two),
    b"G": _pushes(_double),
    b"\x8a": _long(_one),
    b"\x8b": _long(_four),
    # texts and bytes
    b"S": _pushes(lambda m: numbers.quoted(m.source.line())),
    b"V": _pushes(lambda m: m.source.line().decode("raw-unicode-escape")),
    b"T": _latin(_four),
    b"U": _latin(_one),
    b"X": _unicode(_four),
    b"\x8c": _unicode(_one),
    b"\x8d": _unicode(_eight),
    b"B": _raw(_four),
    b"C": _raw(_one),
    b"\x8e": _raw(_eight),
    b"\x96": _raw(_eight),
    # collections
    b")": _constant(()),
    b"]": lambda m: m.push([]),
    b"}": lambda m: m.push({}),
    b"\x8f": lambda m: m.push([]),  # a set, kept as a list
    b"t": lambda m: m.push(tuple(m.pop_marked())),
    b"\x85": lambda m: m.group(1),
    b"\x86": lambda m: m.group(2),
    b"\x87": lambda m: m.group(3),
    b"l": lambda m: m.push(m.pop_marked()),
    b"d": Machine.collect,
    b"\x91": lambda m: m.push(m.pop_marked()),  # a frozen set
    b"a": Machine.append,
    b"e": Machine.appends,
    b"\x90": Machine.appends,
    b"s": Machine.set_item,
    b"u": Machine.set_items,
    # the memo
    b"p": lambda m: m.put(int(_line(m))),
    b"q": lambda m: m.put(_one(m)),
    b"r": lambda m: m.put(_four(m)),
    b"\x94": Machine.memoize,
    b"g": lambda m: m.get(int(_line(m))),
    b"h": lambda m: m.get(_one(m)),
    b"j": lambda m: m.get(_four(m)),
    # names and calls
    b"c": lambda m: m.name(_line(m), _line(m)),
    b"\x93": Machine.stack_name,
    b"R": Machine.reduce,
    b"\x81": Machine.reduce,
    b"\x92": Machine.new_with_keywords,
    b"i": Machine.inst,
    b"o": Machine.obj,
    b"b": Machine.build,
    b"P": lambda m: m.persist(_line(m).decode("utf-8")),
    b"Q": lambda m: m.persist(m.pop()),
    b"\x82": Machine.refuse_registered,
    b"\x83": Machine.refuse_registered,
    b"\x84": Machine.refuse_registered,
}
"""What every opcode does; those for buffers outside of the pickle have no place in a file."""
