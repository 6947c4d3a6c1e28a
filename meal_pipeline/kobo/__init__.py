"""A typed client of the KoboToolbox API v2, which reads completely or says why not.

It imports nothing from the rest of the project, so that it can be published on its own as
`kobo-api-client`; its dependencies are httpx, orjson and tenacity. It only reads.

    with KoboClient("https://kf.kobotoolbox.org", token) as kobo:
        pull = kobo.submissions("aXXXXXXXXXXXXXXXXXXXXX")
        for page in pull:
            keep(page.rows)
        proof = pull.prove()
"""

from meal_pipeline.kobo.client import PAGE_SIZE, KoboClient, Pull
from meal_pipeline.kobo.errors import (
    AssetGone,
    BadAddress,
    Forbidden,
    HalfAnswer,
    Incomplete,
    InvalidToken,
    KoboError,
    NoRight,
    NotDeployed,
    NotFound,
    RateLimited,
    RedirectedElsewhere,
    Refused,
    ServerFault,
    TryLater,
    UnexpectedAnswer,
    Unreachable,
)
from meal_pipeline.kobo.records import Account, Asset, Page, PullProof, Row, Traffic, Version

__all__ = [
    "PAGE_SIZE",
    "Account",
    "Asset",
    "AssetGone",
    "BadAddress",
    "Forbidden",
    "HalfAnswer",
    "Incomplete",
    "InvalidToken",
    "KoboClient",
    "KoboError",
    "NoRight",
    "NotDeployed",
    "NotFound",
    "Page",
    "Pull",
    "PullProof",
    "RateLimited",
    "RedirectedElsewhere",
    "Refused",
    "Row",
    "ServerFault",
    "Traffic",
    "TryLater",
    "UnexpectedAnswer",
    "Unreachable",
    "Version",
]
