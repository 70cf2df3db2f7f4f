"""Money: currencies, and the dated rates between them."""
