"""Cases at the desk: their life, who sees them, their clocks, and how they are answered."""
