"""Stage 3: which rows are right, what is wrong with the others, and whether the project may go on.

Here: rules that the form states, the project's own checks, suites of expectations, findings, each
row's account and the gate. Not here: reading answers, and numbers made of them. Great Expectations
is imported only where a suite runs or its site is written.
"""
