"""What the service does: conversations, delivery, timers, erasure. Talks outward through ports
only.
"""
