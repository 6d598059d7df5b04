"""The old names of what `tests.made` makes."""

from tests.made import (  # noqa: F401
    BRACKET,
    EVEN,
    ONE_LEG,
    SHORT,
)
from tests.made import a_broker_order as broker_order  # noqa: F401
from tests.made import a_card as card  # noqa: F401
from tests.made import a_gtt as gtt  # noqa: F401
from tests.made import a_plan as plan  # noqa: F401
from tests.made import an_approval as approval  # noqa: F401
