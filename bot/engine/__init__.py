"""What happens next: session and inbound in, session and events out. Pure; imports bot.flow and
bot.safety only.
"""
