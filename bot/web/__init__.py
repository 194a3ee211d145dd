"""What people open: webhooks and the chat room. Reaches the rest through what bot.app hands in."""
