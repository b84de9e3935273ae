"""The examples officials copy from content/README.md are right."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from bot.library.schema.policy import Policy
from bot.library.schema.unit import Override

README = Path(__file__).parents[2] / "content" / "README.md"


def test_the_examples_are_valid() -> None:
    policy, override = re.findall(r"```yaml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert Policy.model_validate(yaml.safe_load(policy)).amounts["muc"].values[1].value == 540000
    for one in yaml.safe_load(override)["overrides"].values():
        assert Override.model_validate(one).addition
