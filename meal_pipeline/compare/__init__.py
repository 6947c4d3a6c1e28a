"""Effects: what changed against a comparison, how sure it is, and what it may be called.

Here: the difference between arms, the difference-in-differences, their label. Not here: shares and
means of one arm (measure), what a row counts as (rows).
"""
