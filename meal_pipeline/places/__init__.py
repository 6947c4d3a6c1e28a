"""Places and names: which spelling is which place.

Here: the rule by which names are equal, the list of places with their P-codes (OCHA's COD-AB), what
the answers of a project mean in it, and what a person chose. Not here: the answers themselves
(`rows`), or figures by place (`measure`).
"""
