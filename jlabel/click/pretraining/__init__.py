"""Training the shipped click networks from nothing."""
