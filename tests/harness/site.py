"""A whole site on localhost: the real house, its web chat and public pages, behind a real HTTP server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from bot.clock import Clock
from bot.settings import Settings
from bot.wiring import House, Site

CONTENT = Path(__file__).parents[2] / "content"


@dataclass
class Running:
    """A site that runs. `site` can be closed early to see what a stop does."""

    url: str
    house: House
    site: Site


@asynccontextmanager
async def running(database_url: str, data_dir: Path, clock: Clock, unit: str = "xa-tu-ky") -> AsyncIterator[Running]:
    """The site of a unit while the block runs."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://localhost:{listening.getsockname()[1]}"
        settings = Settings.from_env(
            {
                "LOATHON_DATA_DIR": str(data_dir),
                "LOATHON_DATABASE_URL": database_url,
                "LOATHON_CONTENT_DIR": str(CONTENT),
                "LOATHON_UNIT": unit,
                "LOATHON_PUBLIC_URL": url,
            }
        )
        house = await House.open(settings, clock)
        site = Site(house)
        config = uvicorn.Config(site.app, lifespan="off", log_config=None, access_log=False, ws="none")
        server = uvicorn.Server(config)
        handling = asyncio.create_task(house.handler.run())
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield Running(url, house, site)
        finally:
            site.close()
            server.should_exit = True
            await serving
            handling.cancel()
            await asyncio.gather(handling, return_exceptions=True)
            await house.close()
