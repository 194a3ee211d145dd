"""What must never wait: text to risk tier. Pure; imports bot.flow and bot.errors only."""
