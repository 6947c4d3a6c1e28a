"""Answers that are refusals, in the server's own shapes.

Here: the exception that a route raises, and its translated standard sentences. Not here: deciding
when (the routes do).
"""

from typing import Any

_TRANSLATED = {
    "ar": {"Not found.": "غير موجود.", "Invalid token.": "كود غير صالح."},
    "fr": {"Not found.": "Non trouvé."},
}


class Problem(Exception):
    """Answer with `status` and a JSON `body`, or with the plain text page when body is None."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.status = status
        self.body = body

    @classmethod
    def detail(cls, status: int, sentence: str) -> "Problem":
        """Give the usual shape, `{"detail": sentence}`."""
        return cls(status, {"detail": sentence})

    @classmethod
    def not_found(cls) -> "Problem":
        """404 as JSON: not there, or not for this account."""
        return cls.detail(404, "Not found.")

    @classmethod
    def gone(cls) -> "Problem":
        """404 as a text page: the asset does not exist."""
        return cls(404, None)

    @classmethod
    def forbidden(cls) -> "Problem":
        """403: this account sees it and may not do that."""
        return cls.detail(403, "You do not have permission to perform this action.")

    @classmethod
    def not_here(cls) -> "Problem":
        """501: KoboToolbox answers this, and the practice server does not."""
        return cls.detail(501, "The practice server does not answer this.")

    @classmethod
    def fault(cls) -> "Problem":
        """500, which the server gives for some bad parameters."""
        return cls(500, {"error": "Server Error (500)"})

    def translated(self, language: str) -> Any:
        """Give the body in the language asked for, where the server would translate it."""
        if isinstance(self.body, dict) and set(self.body) == {"detail"}:
            sentence = self.body["detail"]
            words = _TRANSLATED.get(language[:2].lower(), {})
            return {"detail": words.get(str(sentence), sentence)}
        return self.body
