from pathlib import Path

import pytest

from core.desk.masters import load_masters
from core.errors import NotFound
from core.views.search import find
from tests.desk.conftest import desk_home, morning  # noqa: F401
from tests.desk.morning import RELIANCE, Morning
from tests.providers.test_masters import KITE

LINE = "738561,2885,RELIANCE,RELIANCE INDUSTRIES,0.0,,0.0,0.1,1,EQ,NSE,NSE\n"


def loaded(morning: Morning, folder: Path) -> Morning:  # noqa: F811
    (folder / "kite.csv").write_text(KITE + LINE, encoding="utf-8")
    load_masters(morning.desk, [folder / "kite.csv"], by="asha")
    return morning


def test_a_row_is_worded_for_the_page_and_says_whether_the_desk_follows_it(
    morning: Morning,  # noqa: F811
    tmp_path: Path,
):
    desk = loaded(morning, tmp_path).desk
    [row] = find(desk, "reliance").rows
    assert (row.symbol, row.kind, row.tick, row.brokers) == ("RELIANCE", "share", "₹0.10", "Kite")
    assert row.followed and row.isin == RELIANCE.isin  # Kite gives no ISIN; the desk knows it
    assert row.name == RELIANCE.name
    assert row.tokens == (("Kite", "RELIANCE", "738561"),)
    [bank] = find(desk, "central").rows
    assert (bank.kind, bank.followed, bank.isin) == ("share, BE", False, "")
    assert [one.kind for one in find(desk, "nifty").rows] == ["index", "future"]
    assert find(desk, "nifty 50").rows[0].tick == ""


def test_nothing_found_nothing_typed_and_nothing_loaded_each_say_so(
    morning: Morning,  # noqa: F811
    tmp_path: Path,
):
    with pytest.raises(NotFound, match="no instrument master is loaded"):
        find(morning.desk, "sbin")
    desk = loaded(morning, tmp_path).desk
    assert find(desk, "zzz").note == "No instrument is called zzz."
    assert find(desk, "  ").note == "Type a name."
