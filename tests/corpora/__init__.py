"""Lines that people might write; see README.md here."""
