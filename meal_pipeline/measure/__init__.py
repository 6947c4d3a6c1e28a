"""Indicators: their values summarised by round, arm and category, and their changes over rounds.

Here: estimates and changes with their uncertainty, and the project's declarations as rows. Not
here: what a row counts as (rows), comparisons (compare), what may be shown (share).
"""
