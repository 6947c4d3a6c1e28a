"""Share what was found, through disclosure control only.

Here: the one-page brief and the table to look through before anyone else does, both from the shared
evaluation tables. Not here: what may be shown (decided where those tables are made).
"""

from meal_pipeline.share.brief import brief_html, write_brief
from meal_pipeline.share.marts import NotEvaluated
from meal_pipeline.share.review import review_table

__all__ = ["NotEvaluated", "brief_html", "review_table", "write_brief"]
