"""What follows a release."""
