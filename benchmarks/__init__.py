"""How long the line takes and how much memory it needs: `python -m benchmarks`.

Here: a made-up survey of any size on the practice server, each stage measured in a process of its
own, and beside it a peer that does the least the stage could do. Not here: tests, which never run
a measurement of this size, and anything that the product needs.
"""
