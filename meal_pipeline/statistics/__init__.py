"""Estimators over numpy arrays: nothing here knows of projects, stores or screens.

Here: sampling designs, linearised variance, cluster-robust least squares, differences between arms,
and the choice of cells to withhold. Not here: which rows are eligible, which indicator they answer,
and how a number is worded or stored.
"""
