"""An embedded, seeded market: everything it shows is invented and marked SIMULATED."""

from core.providers.sim.market import SIM_STARTS_ON, SimMarket

__all__ = ["SIM_STARTS_ON", "SimMarket"]
