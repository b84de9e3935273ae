"""A strict local stand-in for Telegram's Bot API, driven from tests through `BotApiServer`."""

from tests.harness.botapi.accounts import Account, Heard
from tests.harness.botapi.faults import Fault
from tests.harness.botapi.limits import Limits
from tests.harness.botapi.people import GroupChat, Press, UserChat
from tests.harness.botapi.records import Call, Violation
from tests.harness.botapi.server import BotApiServer

__all__ = ["Account", "BotApiServer", "Call", "Fault", "GroupChat", "Heard", "Limits", "Press", "UserChat", "Violation"]
