"""The desk's one store: values in, values out; rows never leave.

Each module is one kind of fact and takes the transaction `tx` that `Store.read` or
`Store.write` gives. `ledger` holds money, `audit` the record, `bars` prices as arrays.
"""
