"""Which questions and choices the text of an expression names, without evaluating it.

Here: names taken from the text alone, so that a form with faults can be looked at, too. Not here:
reading expressions (`meal_pipeline.expressions`).
"""

import re

_REFERENCE = re.compile(r"\$\{\s*(last-saved#)?([^}]*?)\s*\}")
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_CODE = r"(?:'(?P<{one}>[^']*)'|\"(?P<{two}>[^\"]*)\")"
_CODE_OF = re.compile(
    r"selected\(\s*\$\{\s*(?P<q1>[^}]*?)\s*\}\s*,\s*"
    + _CODE.format(one="a1", two="b1")
    + r"|\$\{\s*(?P<q2>[^}]*?)\s*\}\s*!?=\s*"
    + _CODE.format(one="a2", two="b2")
    + "|"
    + _CODE.format(one="a3", two="b3")
    + r"\s*!?=\s*\$\{\s*(?P<q3>[^}]*?)\s*\}"
)


def named_questions(text: str | None) -> tuple[str, ...]:
    """Give the names in `${…}`, each once and in order; those of the last form saved are not.

    >>> named_questions("${age} > 5 and ${age} < ${limit} or ${last-saved#age}")
    ('age', 'limit')
    """
    found = _REFERENCE.findall(text or "")
    return tuple(dict.fromkeys(name for last_saved, name in found if name and not last_saved))


def named_codes(text: str | None) -> tuple[tuple[str, str], ...]:
    """Give each question with a choice that its answer is compared with, in order.

    >>> named_codes("selected(${water}, 'tap') or ${source} != 'river'")
    (('water', 'tap'), ('source', 'river'))
    """
    found = []
    for match in _CODE_OF.finditer(text or ""):
        given = {key[0] + key[1]: one for key, one in match.groupdict().items() if one is not None}
        question = next(one for key, one in given.items() if key.startswith("q"))
        code = next(one for key, one in given.items() if not key.startswith("q"))
        if code:
            found.append((question, code))
    return tuple(dict.fromkeys(found))


def without_literals(text: str) -> str:
    """Give the text with its quoted parts emptied, to look for functions and names in."""
    return _LITERAL.sub("''", text)
