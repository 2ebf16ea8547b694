"""Drafts that outlive the kernel: the journal of changes, the lock of who writes it, and what was left unsaved."""
