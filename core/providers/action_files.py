"""Opens a list of corporate actions in whichever format it is."""

from __future__ import annotations

import json
from pathlib import Path

from core.errors import BadInput
from core.providers import bse_actions, nse_actions, yahoo_splits
from core.providers.listed_action import ListedAction
from core.providers.table_files import read_table


def read_listed(path: Path) -> list[ListedAction]:
    """NSE's JSON, CSV or daily `bc` file, BSE's CSV, Yahoo's chart answer; raises BadInput."""
    if path.suffix.lower() == ".json":
        return _json(path)
    table = read_table(path)
    if bse_actions.is_csv(table):
        return bse_actions.read_csv(table)
    if nse_actions.is_csv(table):
        return nse_actions.read_csv(table)
    raise BadInput(
        f"{path.name}: found the columns {', '.join(table.columns)}, expected a list of NSE "
        "(SYMBOL, PURPOSE, EX_DATE) or BSE (SECURITY CODE, PURPOSE, EX DATE)"
    )


def _json(path: Path) -> list[ListedAction]:
    if not path.is_file():
        raise BadInput(f"{path.name}: there is no such file; check the path {path}")
    try:
        answer = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        return nse_actions.read_json(path)  # which says what is wrong with it
    if yahoo_splits.is_chart(answer):
        return yahoo_splits.read_chart(path.name, answer)
    return nse_actions.read_json(path)
