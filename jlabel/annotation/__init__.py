"""The document that a person works on: the draft mask, its undo history, paint rules, prompts, and recovery."""
