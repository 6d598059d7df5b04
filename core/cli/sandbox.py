"""The verbs of the sandbox brokers; the servers behind them are imported when one is started."""

from __future__ import annotations

import typer

group = typer.Typer(
    help="A practice broker on this machine that speaks a real one's protocol.",
    no_args_is_help=True,
)


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="sandbox")


@group.command("kite")
def kite(
    port: int = typer.Option(8770, min=0, max=65535, help="Where clients connect; 0 for any."),
    control_port: int = typer.Option(8771, min=0, max=65535, help="Faults, clock and journal."),
    home: str = typer.Option("", help="Folder of its journals; a folder in the desk's by default."),
    seed: int = typer.Option(42, min=0, help="Which invented market it plays."),
    speed: float = typer.Option(1.0, min=0.01, max=3600, help="Market seconds in one second."),
    at: str = typer.Option("", help="When to begin, as 2026-04-06T09:15 in India."),
    redirect: str = typer.Option("", help="The address that a login returns to."),
    postback: str = typer.Option("", help="A loopback address that order changes are posted to."),
) -> None:
    """Speak Zerodha's Kite Connect v3, so that any Kite client can practise here."""
    from core.cli.sandbox_run import play_kite

    play_kite(
        ports=(port, control_port),
        home=home,
        seed=seed,
        speed=speed,
        at=at,
        redirect=redirect,
        postback=postback,
    )


@group.command("upstox")
def upstox(
    port: int = typer.Option(8772, min=0, max=65535, help="Where clients connect; 0 for any."),
    control_port: int = typer.Option(8773, min=0, max=65535, help="Faults, clock and journal."),
    home: str = typer.Option("", help="Folder of its journals; a folder in the desk's by default."),
    seed: int = typer.Option(42, min=0, help="Which invented market it plays."),
    speed: float = typer.Option(1.0, min=0.01, max=3600, help="Market seconds in one second."),
    at: str = typer.Option("", help="When to begin, as 2026-04-06T09:15 in India."),
    redirect: str = typer.Option("", help="The address that a login returns to."),
) -> None:
    """Speak Upstox's API v2 and v3, so that any Upstox client can practise here."""
    from core.cli.sandbox_run import play_upstox

    play_upstox(
        ports=(port, control_port), home=home, seed=seed, speed=speed, at=at, redirect=redirect
    )
