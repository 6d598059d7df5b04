"""A sandbox broker in the foreground: its market, its charges and the words that place it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import typer

from core.config import settings_now
from core.desk.desk import REFERENCE
from core.domain.account import Broker
from core.domain.clock import IST
from core.domain.money import Money
from core.domain.order import Product, Side
from core.domain.square_off import SquaresOff
from core.errors import BadInput
from core.providers.calendar_file import load_calendar, load_halts
from core.providers.charges_file import load_charges
from core.providers.sim.market import SIM_STARTS_ON, SimMarket
from core.providers.square_off_file import load_cut_offs
from core.providers.universe_file import load_universe
from core.sandbox.clock import SandboxClock
from core.sandbox.control import control_app
from core.sandbox.kite.sandbox import USER, KiteSandbox
from core.sandbox.kite.session import App
from core.sandbox.kite.state import Bill, Charging
from core.sandbox.serve import HOST, bound, serve_together
from core.sandbox.simulated import Feed, Simulation
from core.sandbox.upstox.sandbox import USER as UPSTOX_USER
from core.sandbox.upstox.sandbox import UpstoxSandbox
from core.sandbox.upstox.session import App as UpstoxApp
from core.treasury.charges import exact_charges


def play_kite(
    *,
    ports: tuple[int, int],
    home: str,
    seed: int,
    speed: float,
    at: str,
    redirect: str,
    postback: str,
) -> None:
    """Serve Kite Connect until interrupted; `ports` are those of clients and of control."""
    folder = Path(home) if home else settings_now().home / "sandbox-kite"
    simulation = simulated(seed=seed, speed=speed, at=at)
    sandbox = KiteSandbox(
        {item.isin: item for item in simulation.market.universe},
        clock=simulation.clock,
        phase_of=simulation.phase_of,
        registered=App(redirect_url=redirect, postback_url=postback),
        home=folder,
        charging=charging(),
        candles=simulation.candles,
        seed=seed,
        squares_off=squares_off(Broker.ZERODHA, simulation),
    )
    _serve(sandbox, simulation, ports=ports, words=partial(_words, sandbox), at=at)


def play_upstox(
    *, ports: tuple[int, int], home: str, seed: int, speed: float, at: str, redirect: str
) -> None:
    """Serve Upstox's API until interrupted; `ports` are those of clients and of control."""
    folder = Path(home) if home else settings_now().home / "sandbox-upstox"
    simulation = simulated(seed=seed, speed=speed, at=at)
    sandbox = UpstoxSandbox(
        {item.isin: item for item in simulation.market.universe},
        clock=simulation.clock,
        phase_of=simulation.phase_of,
        registered=UpstoxApp(redirect_uri=redirect) if redirect else UpstoxApp(),
        home=folder,
        charging=charging(Broker.UPSTOX),
        candles=simulation.candles,
        seed=seed,
        squares_off=squares_off(Broker.UPSTOX, simulation),
    )
    _serve(sandbox, simulation, ports=ports, words=partial(_upstox_words, sandbox), at=at)


def _serve(
    sandbox: KiteSandbox | UpstoxSandbox,
    simulation: Simulation,
    *,
    ports: tuple[int, int],
    words: Callable[..., list[str]],
    at: str,
) -> None:
    """Play the market behind a sandbox in the foreground until it is interrupted."""
    saved = sandbox.house.saved_clock()
    if saved is not None and not at and isinstance(simulation.clock, SandboxClock):
        simulation.clock.move_to(saved)
    feed = Feed(simulation, sandbox.house)
    listeners = bound(ports[0]), bound(ports[1])
    feed.pulse()
    feed.start()
    address, control = (f"http://{HOST}:{one.getsockname()[1]}" for one in listeners)
    typer.echo("\n".join(words(address=address, control=control)))
    apps = (sandbox.app, control_app(sandbox))
    try:
        asyncio.run(serve_together(list(zip(apps, listeners, strict=True))))
    finally:
        feed.stop()
        sandbox.close()


def simulated(*, seed: int, speed: float, at: str) -> Simulation:
    """The simulated market of a seed from a moment on; its first session's open by default."""
    calendar = load_calendar(REFERENCE / "calendar.json")
    begins = _moment(at) if at else calendar.session(SIM_STARTS_ON).opens_at.astimezone(UTC)
    market = SimMarket(
        load_universe(REFERENCE / "universe.csv"),
        calendar,
        seed=seed,
        halts=load_halts(REFERENCE / "calendar.json"),
    )
    return Simulation(market, SandboxClock(begins, speed=speed))


def squares_off(broker: Broker, simulation: Simulation) -> SquaresOff:
    """When a broker ends MIS in a share of the simulated market."""
    return load_cut_offs(REFERENCE / "square_off.json").at(broker, simulation.market.calendar)


def charging(broker: Broker = Broker.ZERODHA) -> Charging:
    """A broker's charges of an NSE order from the committed schedule."""
    schedule = load_charges(REFERENCE / "charges.json")

    def bill(product: Product, side: Side, qty: int, price: Money, on: date) -> Bill:
        exact = exact_charges(
            schedule,
            broker=broker,
            product=product,
            exchange="NSE",
            side=side,
            qty=qty,
            price=price,
            on=on,
        )
        return Bill(
            stt=float(exact.stt),
            exchange=float(exact.exchange + exact.ipft),
            sebi=float(exact.sebi),
            brokerage=float(exact.brokerage),
            stamp=float(exact.stamp),
            gst=float(exact.gst),
        )

    return bill


def _words(sandbox: KiteSandbox, *, address: str, control: str) -> list[str]:
    app = sandbox.registered
    returns = f"returns to {app.redirect_url}" if app.redirect_url else "shows the request token"
    return [
        "Kite sandbox: a simulated broker on this machine, not Zerodha.",
        f"  base address  {address}   (root= of KiteConnect)",
        f"  stream        {address.replace('http', 'ws', 1)}   (root= of KiteTicker)",
        f"  api key       {app.api_key}",
        f"  api secret    {app.api_secret}",
        f"  user          {USER.user_id}, any password",
        f"  log in at     {address}/connect/login?v=3&api_key={app.api_key}   ({returns})",
        f"  control       {control}   (/faults /clock /token_die /credit /money /quotes /journal)",
        f"  market time   {sandbox.house.clock.now():%Y-%m-%d %H:%M} UTC",
        "Stop it with Ctrl-C; its journals stay and the market sleeps meanwhile.",
    ]


def _upstox_words(sandbox: UpstoxSandbox, *, address: str, control: str) -> list[str]:
    app = sandbox.registered
    return [
        "Upstox sandbox, a practice broker on this machine. It is not Upstox.",
        f"  host          {address}   (set Configuration.host and .order_host to it)",
        f"  market feed   {address.replace('http', 'ws', 1)}/v3/feed/market-data-feed",
        f"  client_id     {app.client_id}",
        f"  client_secret {app.client_secret}",
        f"  user          {UPSTOX_USER.user_id}, any PIN; the login returns to {app.redirect_uri}",
        f"  control       {control}   (/faults /clock /token_die /credit /money /quotes /journal)",
        f"  market time   {sandbox.house.clock.now():%Y-%m-%d %H:%M} UTC",
        "Stop it with Ctrl-C; its journals stay and the market sleeps meanwhile.",
    ]


def _moment(text: str) -> datetime:
    """A moment typed in India's time; raises BadInput."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--at {text!r} is no moment; write it as 2026-04-06T09:15") from None
    return (at if at.tzinfo else at.replace(tzinfo=IST)).astimezone(UTC)
