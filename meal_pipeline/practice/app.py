"""The practice server as an ASGI application."""

from starlette.applications import Starlette

from meal_pipeline.practice.routes import PLACES
from meal_pipeline.practice.routing import route
from meal_pipeline.practice.services import Services


def practice_app(world: Services) -> Starlette:
    """Give the application that answers from `world`."""
    app = Starlette(routes=[route(place, world) for place in PLACES])
    app.router.redirect_slashes = False
    return app
