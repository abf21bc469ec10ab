"""Show the program without a network: invented outlets on loopback, polled by the daemon's own code."""
