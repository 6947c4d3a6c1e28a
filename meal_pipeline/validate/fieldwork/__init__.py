"""Checks of fieldwork: what high-frequency checks look for while interviews arrive.

Here: 34 checks in families, a module each with its texts beside it, their registry, and what they
share. Not here: how they are declared (`workspace.fieldwork`), what one question's answer must
fulfil (the form's own rules), and what becomes of an outcome.

Each check looks at a form's eligible rows all together. Those of many interviews compare teams, and
single enumerators only where the project says so.
"""
