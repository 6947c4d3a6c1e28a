"""Names that Dagster takes: latin letters, digits and underscores.

Here: turning a code or the name of a folder into one, never two into the same. Not here: the codes.
"""

import hashlib
import re


def is_name(text: str) -> bool:
    """Say whether Dagster takes `text` as a name."""
    return re.fullmatch(r"[A-Za-z0-9_]+", text) is not None


def dagster_name(text: str) -> str:
    """Give a name for `text`: a dash as two underscores, other signs as one.

    Where the name would not tell the text from every other, a word from its hash is added.
    """
    name = re.sub(r"[^A-Za-z0-9_]", "_", text.replace("-", "__"))
    if name.replace("__", "-") == text:
        return name
    return f"{name}_{hashlib.sha256(text.encode()).hexdigest()[:8]}"
