"""Where prices, news, calendars and reference lists come from; nothing here decides."""
