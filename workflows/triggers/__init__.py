"""What starts runs without a person's pressing a button: events, times, signed calls; and forms and calls of the API."""
