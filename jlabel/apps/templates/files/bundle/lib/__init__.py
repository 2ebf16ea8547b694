"""What this app is made of, beside its class in ``main.py``."""
