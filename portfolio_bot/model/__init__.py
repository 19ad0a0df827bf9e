"""Values. Pure: no I/O, no clock, no settings; every other floor may import this one."""
