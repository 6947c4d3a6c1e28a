"""The terminal: `meal …`.

Here: one module a group of commands, which ask a room and print its answer. Not here: logic, and
Dagster, which is reached through the roof (`meal_pipeline.workspace.roof`).
"""
