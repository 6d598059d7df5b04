"""What `make run` is made of: start the desk, keep its processes up, install the rest."""
