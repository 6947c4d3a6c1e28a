"""`/practice/`: trouble switched on and off while the server runs, from this computer only.

Here: the control route. Not here: the kinds of trouble (`troubles`).
"""

import ipaddress
from typing import Any

from starlette.responses import Response

from meal_pipeline.errors import MealError
from meal_pipeline.practice.asking import Asked
from meal_pipeline.practice.problems import Problem


def switch_on(asked: Asked) -> Any:
    """Switch on one kind of trouble: `{"kind": "429", "value": 30, "times": 5, "path": "/me/"}`."""
    _only_from_here(asked)
    sent = asked.body()
    limits = {name: sent[name] for name in ("path", "times", "skip") if name in sent}
    try:
        asked.world.trouble(str(sent.get("kind")), sent.get("value"), **limits)
    except MealError as error:
        raise Problem.detail(400, str(error)) from None
    return {"detail": "The trouble is on."}


def switch_off(asked: Asked) -> Any:
    """Switch off every trouble."""
    _only_from_here(asked)
    asked.world.clear_faults()
    return Response(status_code=204)


def _only_from_here(asked: Asked) -> None:
    client = asked.request.client
    try:
        local = client is not None and ipaddress.ip_address(client.host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise Problem.gone()
