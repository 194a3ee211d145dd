"""The engine's tests: turns are pure, so time, chance and channels are plain values here."""
