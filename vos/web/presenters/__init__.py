"""From domain objects to the contexts of templates: pure mapping, no queries."""
