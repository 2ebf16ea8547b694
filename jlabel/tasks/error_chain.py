"""An exception and those that it came from."""

from __future__ import annotations


def error_chain(error: BaseException, *, contexts: bool = False) -> list[BaseException]:
    """The exception, the one that it was raised from, and so on; each once, as what an engine catches and raises again
    may lead back to itself.

    Args:
        error: The exception.
        contexts: Whether to go on, where it was raised from none, with the one that was being handled then.
    """
    chain = [error]
    while True:
        last = chain[-1]
        inner = last.__cause__ or (last.__context__ if contexts else None)
        if inner is None or any(inner is one for one in chain):
            return chain
        chain.append(inner)
