"""The stack that a pickle works on."""

from collections.abc import Callable, Mapping
from typing import Any

from studio.models.pickles.errors import PickleError
from studio.models.pickles.names import call, known, set_state
from studio.models.pickles.source import Source
from studio.models.pickles.values import Bytes, Made, Name

NUMBER_KEYS = 20_000
"""Keys of a dictionary that are not texts: numbers can be chosen so that they collide."""


class Machine:
    """Read one pickle from where `source` stands.

    persistent: what a persistent id stands for; None where there must be none. nested: what is made
    of the bytes that a tensor was stored in.
    """

    def __init__(
        self,
        source: Source,
        persistent: Callable[[object], object] | None = None,
        nested: Callable[[Bytes], object] | None = None,
    ) -> None:
        self.source = source
        self._persistent = persistent
        self._nested = nested
        self._stack: list[Any] = []
        self._marked: list[list[Any]] = []
        self._memo: dict[int, Any] = {}

    def push(self, value: object) -> None:
        """Put a value on the stack."""
        self._stack.append(value)

    def pop(self) -> Any:
        """Take the top value off the stack."""
        return self._stack.pop()

    def pop_marked(self) -> list[Any]:
        """Take off all values since the last mark."""
        items, self._stack = self._stack, self._marked.pop()
        return items

    def mark(self) -> None:
        """Begin a group of values."""
        self._marked.append(self._stack)
        self._stack = []

    def drop(self) -> None:
        """Forget the top value, or the mark if nothing lies on it."""
        if self._stack:
            self._stack.pop()
        else:
            self.pop_marked()

    def twice(self) -> None:
        """Put the top value on the stack once more."""
        self.push(self._stack[-1])

    def put(self, index: int) -> None:
        """Remember the top value under a number."""
        self._memo[index] = self._stack[-1]

    def get(self, index: int) -> None:
        """Put a remembered value on the stack."""
        self.push(self._memo[index])

    def memoize(self) -> None:
        """Remember the top value under the next number."""
        self.put(len(self._memo))

    def group(self, count: int) -> None:
        """Make a tuple of so many values."""
        items = tuple(self._stack[-count:])
        if len(items) < count:
            raise IndexError
        del self._stack[-count:]
        self.push(items)

    def collect(self) -> None:
        """Make a dictionary of the values since the last mark."""
        items, made = self.pop_marked(), dict[Any, Any]()
        self.push(made)
        _fill(made, items)

    def set_item(self) -> None:
        """Set an entry of a dictionary."""
        value, key = self.pop(), self.pop()
        _fill(self._stack[-1], [key, value])

    def set_items(self) -> None:
        """Set the entries of a dictionary that came since the last mark."""
        items = self.pop_marked()
        _fill(self._stack[-1], items)

    def append(self) -> None:
        """Append a value to a list."""
        value = self.pop()
        _extend(self._stack[-1], [value])

    def appends(self) -> None:
        """Append the values since the last mark to a list."""
        items = self.pop_marked()
        _extend(self._stack[-1], items)

    def name(self, module: bytes | str, name: bytes | str) -> None:
        """Put a name on the stack; raise PickleError if it has no place in a model."""
        self.push(known(_text(module), _text(name)))

    def stack_name(self) -> None:
        """Put the name on the stack whose two parts lie there."""
        name, module = self.pop(), self.pop()
        self.name(module, name)

    def call(self, function: object, args: object, kwargs: object = None) -> None:
        """Put what stands for a call on the stack."""
        self.source.keep(_weight(args))
        self.push(call(function, args, kwargs, self._nested))

    def reduce(self) -> None:
        """Call a name with the arguments that lie on the stack."""
        args, function = self.pop(), self.pop()
        self.call(function, args)

    def new_with_keywords(self) -> None:
        """Call a name with arguments and keywords that lie on the stack."""
        kwargs, args, function = self.pop(), self.pop(), self.pop()
        self.call(function, args, kwargs)

    def inst(self) -> None:
        """Call the name that comes next with the values since the last mark."""
        self.name(self.source.line(), self.source.line())
        function = self.pop()
        self.call(function, tuple(self.pop_marked()))

    def obj(self) -> None:
        """Call the first of the values since the last mark with the others."""
        function, *args = self.pop_marked()
        self.call(function, tuple(args))

    def build(self) -> None:
        """Give an object the state that lies on the stack."""
        state = self.pop()
        set_state(self._stack[-1], state)

    def persist(self, identity: object) -> None:
        """Put what a persistent id stands for on the stack."""
        if self._persistent is None:
            raise PickleError("it refers to something outside of itself")
        self.push(self._persistent(identity))

    def refuse_registered(self) -> None:
        """Refuse a name that is given as a number."""
        raise PickleError("it asks for a class by its number in a registry")


def _weight(args: object) -> int:
    """Return the bytes of memory that a call can take at most: it may copy its first argument."""
    first = args[0] if isinstance(args, tuple) and args else None
    return len(first) * 64 if isinstance(first, (str, list, tuple, dict)) else 0


def _fill(target: object, items: list[Any]) -> None:
    if isinstance(target, Made):
        target = target.pairs
    if not isinstance(target, dict) or len(items) % 2:
        raise PickleError("it fills something that is no dictionary")
    for key, value in zip(items[::2], items[1::2], strict=True):
        target[_key(key, target)] = value


def _extend(target: object, items: list[Any]) -> None:
    if isinstance(target, Made):
        target = target.items
    if not isinstance(target, list):
        raise PickleError("it appends to something that is no list")
    target.extend(items)


def _key(key: Any, target: Mapping[Any, Any]) -> Any:
    if isinstance(key, str):
        return key
    flat = key if isinstance(key, tuple) and len(key) < 8 else (key,)
    if all(isinstance(part, (str, int, float, bool, Name, Made, type(None))) for part in flat):
        if len(target) > NUMBER_KEYS:
            raise PickleError("it holds a dictionary of more numbers than any model")
        return key
    raise PickleError("it holds a dictionary with keys that are neither texts nor numbers")


def _text(value: object) -> str:
    if isinstance(value, Bytes):
        value = value.data
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if not isinstance(value, str):
        raise PickleError("it asks for something whose name is no text")
    return value
