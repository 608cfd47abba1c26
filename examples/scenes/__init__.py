"""What the sample photos show, and the brushes that draw it: one function per picture."""
