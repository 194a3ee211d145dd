"""The one place that wires everything; the only reader of clock, chance and environment."""
