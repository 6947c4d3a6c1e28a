"""The routes of the practice server in words, for `docs/practice.md`.

Here: the two tables of that page, made of the table of routes:
`python -m meal_pipeline.practice.describe`. Not here: the rest of the page.
"""

from meal_pipeline.practice.routes import LEFT_OUT, LEFT_OUT_BELOW, LEFT_OUT_WHOLE, ONE, PLACES

_ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE")


def routes_in_words() -> str:
    """Give both tables as Markdown: what is answered, and what is answered with 501."""
    answered = ["| Route | Methods | What it is |", "|---|---|---|"]
    for place in PLACES:
        if place.about and place.answers:
            methods = ", ".join(name for name in _ORDER if name in place.answers)
            answered.append(f"| `{place.path}` | {methods} | {place.about} |")
    left_out = ["| Route | Methods | What it is |", "|---|---|---|"]
    for place in PLACES:
        if place.missing:
            methods = ", ".join(name for name in _ORDER if name in place.missing)
            left_out.append(f"| `{place.path}` | {methods} | {place.about} |")
    left_out += [f"| `{ONE}{name}/` | all | {about} |" for name, about in LEFT_OUT.items()]
    left_out += [f"| `{path}` | all | {about} |" for path, about in LEFT_OUT_WHOLE.items()]
    left_out += [f"| `{path}…` | all | {about} |" for path, about in LEFT_OUT_BELOW.items()]
    return "\n".join(["### Answered", "", *answered, "", "### Answered with 501", "", *left_out])


if __name__ == "__main__":
    print(routes_in_words())
