"""How a notebook shows what a cell returns or waits for: tables, facts and bars."""
