"""The program as its users run it: a process of its own, addressed only through its settings and its output."""
