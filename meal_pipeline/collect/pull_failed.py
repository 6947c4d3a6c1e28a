"""What a failed pull means to an officer.

Here: one sentence and the next step for each error of the client. Not here: deciding what failed.
"""

from meal_pipeline import kobo
from meal_pipeline.collect.vanished import Doubt, Vanished
from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import mark, ngettext


class PullFailed(MealError):
    """A form could not be pulled to its end; what held before still holds."""


def encrypted(form: str) -> PullFailed:
    """Give the refusal of a form whose submissions only its own key opens."""
    return PullFailed(
        _("The submissions of the form {form} are encrypted in KoboToolbox.").format(form=form),
        next_step=_("Turn the form's own encryption off: here they are encrypted anyway."),
    )


def no_submissions(forms: list[str]) -> PullFailed:
    """Give the refusal of a project none of whose forms has been answered yet."""
    return PullFailed(
        ngettext(
            "The form {forms} has no submission yet.",
            "None of the forms {forms} has a submission yet.",
            len(forms),
        ).format(forms=", ".join(forms)),
        next_step=_("Run it again when the first has arrived, or check the uid in the project."),
    )


_VANISHED: dict[Doubt, str] = {
    "many": mark(
        "{gone} of the {held} submissions of the form {form} are no longer on the server. They are"
        " kept here until a person decides."
    ),
    "rights": mark(
        "{gone} of the {held} submissions of the form {form} are no longer shown to this account,"
        " whose rights have changed. They are kept here until a person decides."
    ),
    "partial": mark(
        "{gone} of the {held} submissions of the form {form} are no longer shown to this account,"
        " which may see some of them only. They are kept here until a person decides."
    ),
}


def vanished(project: str, form: str, found: Vanished, doubt: Doubt) -> PullFailed:
    """Give the sentence on rows that are gone, where a person must decide because of `doubt`."""
    return PullFailed(
        _(_VANISHED[doubt]).format(gone=found.gone, held=found.held, form=form),
        next_step=_("If they were deleted on purpose: {command}").format(
            command=f"meal sync accept-deletions {project}"
        ),
    )


_AGAIN = mark("Run it again; it goes on where it stopped: meal run {project}")
_UID = mark("Check the form's uid and the server in the project file; it stands in the address.")

_WORDS: dict[type[kobo.KoboError], tuple[str, str]] = {
    kobo.InvalidToken: (
        mark("The token for {server} is missing or no longer works."),
        "meal kobo login {project}",
    ),
    kobo.BadAddress: (mark("{server} is not the address of a server."), _UID),
    kobo.NotDeployed: (
        mark("The form {form} has not been deployed yet."),
        mark("Deploy it in KoboToolbox, then run again."),
    ),
    kobo.AssetGone: (
        mark("{server} has no form {uid}: it was deleted, or the uid is wrong."),
        _UID,
    ),
    kobo.NoRight: (
        mark("This account may not see the submissions of the form {form}."),
        mark("Ask the form's owner to share “View submissions” with this account."),
    ),
    kobo.NotFound: (
        mark("{server} has no form {uid} that this account may see."),
        mark("Check the uid in the project file, or ask the form's owner to share it."),
    ),
    kobo.Forbidden: (
        mark("This account may not do what the form {form} needs."),
        mark("Ask the form's owner to share “View submissions” with this account."),
    ),
    kobo.Unreachable: (
        mark("{server} cannot be reached."),
        mark("Check the internet connection, then run again; what was pulled is kept."),
    ),
    kobo.RateLimited: (mark("{server} asks to slow down."), _AGAIN),
    kobo.ServerFault: (mark("{server} is out of order at the moment."), _AGAIN),
    kobo.HalfAnswer: (mark("An answer of {server} broke off half-way."), _AGAIN),
    kobo.RedirectedElsewhere: (
        mark("{server} sends us to another address, where the token must not go."),
        mark("If the server has moved, write its new address into the project file."),
    ),
    kobo.Incomplete: (
        mark("{server} counts other submissions of the form {form} than it gives."),
        _AGAIN,
    ),
    kobo.UnexpectedAnswer: (
        mark("{server} does not answer like a KoboToolbox server."),
        mark("Check the server's address in the project file."),
    ),
    kobo.KoboError: (mark("{server} refused to give the form {form}."), _AGAIN),
}


def pull_failed(
    error: kobo.KoboError, *, project: str, form: str, server: str, uid: str
) -> PullFailed:
    """Give the sentence and the next step for an error of the client."""
    kind = next(kind for kind in type(error).__mro__ if kind in _WORDS)
    message, next_step = (
        _(text).format(project=project, form=form, server=server, uid=uid) for text in _WORDS[kind]
    )
    return PullFailed(message, next_step=next_step)
