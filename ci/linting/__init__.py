"""Rules that the work tree keeps. Each module holds one of them and returns findings."""
