"""The order of the index: families as trees, each take below the one that it branched from."""

from studio.library.store import Store

ORDER = "ORDER BY touched DESC, root DESC, place"
BEFORE = "((touched, root) > (?, ?) OR (touched, root) = (?, ?) AND place < ?)"
GENERATION = 30
"""Letters of a place for each generation."""
_LATEST = 10**17 - 1  # microseconds that count backwards, so that younger siblings come first


def graft(store: Store, id: str) -> None:
    """Put a take below its parent, if that is here, and its offspring below it."""
    todo, seen = [id], set[str]()
    while todo:
        each = todo.pop()
        if each not in seen:  # a circle of parents can only be written by hand
            seen.add(each)
            _join(store, each)
            children = store.run("SELECT id FROM takes WHERE parent = ?", (each,))
            todo += [child for (child,) in children]


def _join(store: Store, id: str) -> None:
    query = "SELECT parent, root, place, created, touched FROM takes WHERE id = ?"
    ((parent, _, _, created, touched),) = store.run(query, (id,))
    found = store.run(query, (parent,)) if parent else []
    if not found or found[0][1] == id:
        return
    _, root, stem, _, family = found[0]
    place = f"{stem}{_LATEST - int(created * 1e6):017d}.{id}"
    store.run("UPDATE takes SET root = ?, place = ? WHERE id = ?", (root, place, id))
    newest = max(family, touched)
    store.run("UPDATE takes SET touched = ? WHERE root = ?", (newest, root))
