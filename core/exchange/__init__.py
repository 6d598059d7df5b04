"""The matching engine: phases, ticks, bands, partial fills, stops and GTTs, with no I/O.

`engine.Exchange` takes requests and quotes and answers with event values; `book.Book` is the
fold of those events, so a journal of them is the whole state. It serves one client, who takes
the market's price and never makes one.
"""
