"""When each feed is due next, and what is known about it. The only user of apscheduler."""
