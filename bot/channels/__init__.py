"""How we reach people: LINE, Telegram, the web room, the terminal behind one contract
(bot.services.ports.Channel).
"""
