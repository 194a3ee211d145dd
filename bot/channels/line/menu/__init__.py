"""LINE's menu under the chat: three words and three numbers that stay one tap away when we are
down. Its pictures lie here, drawn by `make pictures`.
"""
