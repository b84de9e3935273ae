"""The JSON API for other systems, under `/api/v1`. Told in `docs/api.md`; its OpenAPI document is made of its own models."""

from desk.api.api import Api
from desk.api.call import Premises

__all__ = ["Api", "Premises"]
