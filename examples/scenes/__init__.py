"""The scenes of the sample photos, one function per picture, and the brushes that draw them."""
