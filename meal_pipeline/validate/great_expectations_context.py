"""Great Expectations, imported late and kept quiet.

Here: the one import and the context in memory. Not here: what is done with them. The import takes
seconds and some 100 MB, so it happens where an expectation runs or a site is written, never before.
"""

import importlib
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

_ONLY_FOR_CHARTS = ("altair", "scipy.stats")
"""What the library imports at once and needs only for charts and a distance of distributions."""


def great_expectations() -> Any:
    """Give the library, without the warnings it makes about versions of Python to come."""
    with warnings.catch_warnings(), _imported_when_used(*_ONLY_FOR_CHARTS):
        warnings.simplefilter("ignore")
        import great_expectations
        import great_expectations.expectations.registry
    return great_expectations


class _Later(ModuleType):
    """Stands for a module, which is imported when something of it is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import itself looks at
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def _imported_when_used(*names: str) -> Iterator[None]:
    """Let imports inside the block of modules `names` be made when they are used, if ever.

    It halves what the import of the library takes. Nothing of it is left outside of the block.
    """
    standing_in = {name: _Later(name) for name in names if name not in sys.modules}
    sys.modules.update(standing_in)
    try:
        yield
    finally:
        for name, one in standing_in.items():
            if sys.modules.get(name) is one:
                del sys.modules[name]


@contextmanager
def ephemeral_context() -> Iterator[Any]:
    """Give a context in memory, without progress bars, that leaves nothing behind.

    Inside the block no warnings are shown: the library warns of versions of pandas to come.
    """
    library = great_expectations()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = library.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        its_own = list(context.list_data_docs_sites().items())
        for name, _site in its_own:
            context.delete_data_docs_site(name)
        try:
            yield context
        finally:
            for _name, site in its_own:  # an empty folder that it makes on every start
                shutil.rmtree(site["store_backend"]["base_directory"], ignore_errors=True)
