"""What a message looks like: limits as data, counting, splitting, request bodies. Pure; imports
bot.engine and below.
"""
