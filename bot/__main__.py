"""`python -m bot` is `loathon`."""

import sys

from bot.cli import main

sys.exit(main())
