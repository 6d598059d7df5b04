"""Logins at brokers: who is logged in, what the session may still do, and who trades through it."""

from __future__ import annotations

from core.views.brokers import brokers_signature, brokers_view
from ui.broker import add_form, login_part, move_form, practice, seats_part
from ui.frame import page

desk = page("Broker", redraw_on=brokers_signature)
view = brokers_view(desk)
if not view.logins:
    practice(view)
for one in view.logins:
    login_part(desk, one.id)
seats_part(view.seats)
move_form(desk, view)
add_form(desk)
