"""Telling people that something waits for them, or was decided: by web push and by e-mail, each once, as they chose."""
