"""Loopback stand-ins for the services that the program talks to."""
