"""Language models behind one port: three vendors' own SDKs, patience, a breaker and a fake.

An adapter sends a form and reads a JSON object. It knows nothing of mandates, and no key or text
of an answer stands in what it raises or logs.
"""
