"""What each screen shows, already worded, ordered and rounded.

One file per page, each with one function from the desk to a frozen dataclass. A view reads the
store and decides nothing; the page that draws it does no arithmetic. No Streamlit here.
"""
