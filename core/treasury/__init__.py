"""Money: what a trade costs, how it is posted, what can be deployed and what was earned."""
