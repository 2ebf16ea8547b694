"""Files that jlabel makes for itself: how they are written, named, signed, and opened without following a link."""
