"""What each valid row of a form counts as: its value, round, arm, categories, place in the sample.

Here: what a project declares, applied to the rows of a frame; what measuring and comparing share;
how the text of one answer becomes typed columns, which reading and correcting share (`typed`).
Not here: estimates of any kind (measure, compare), reading files or forms.
"""
