"""Where it is kept: memory and SQLite behind one contract (bot.services.ports.Store)."""
