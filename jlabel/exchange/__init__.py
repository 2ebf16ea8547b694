"""Labels in the layouts and formats of other programs: import and export."""
