"""Examples to copy and to learn from.

Here: `demo/`, a complete workspace with two projects, and `practice/`, the forms and answers that
a practice server offers for them. Not here: anything that the library needs.
"""
