"""Great Expectations, imported late and kept quiet.

Here: the one import and the context in memory. Not here: what is done with them. The import takes
seconds and some 170 MB, so it happens where an expectation runs or a site is written, never before.
"""

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def great_expectations() -> Any:
    """Give the library, without the warnings it makes about versions of Python to come."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations
        import great_expectations.expectations.registry
    return great_expectations


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
