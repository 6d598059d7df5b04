"""The table of what is wrong with stored daily bars."""

from typing import Any, ClassVar

from sqlalchemy import Text
from sqlmodel import Field

from core.store.columns import Row, table


class QualityRow(Row, table=True):
    """A share and session that is not whole; `findings` is JSON."""

    __tablename__ = "quality"
    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_with_rowid": False}
    isin: str = Field(primary_key=True)
    session: int = Field(primary_key=True)
    score: int
    findings: str = Field(sa_type=Text)


quality = table(QualityRow)
