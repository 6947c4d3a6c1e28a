"""Names of people, reduced to the letters that tell them apart.

Here: which rule pseudonyms go by. It is the published one, of `places.letters` (a table in
`docs/places.md`): `عبد الله`, `عبدالله` and `عَبْد اللّه` are one name, as are `هدى` and `هدي`. The
order of given and family name counts, and so does every other letter. Not here: pseudonyms
(`pseudonyms.py`), or anything that stores a name.
"""

from meal_pipeline.places.letters import name_letters

__all__ = ["name_letters"]
