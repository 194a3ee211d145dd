"""LINE: signed webhooks in, replies and pushes out. The only room that imports linebot."""
