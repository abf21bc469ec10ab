"""Events as feeds: what is released when (`release`), what a reader sees of it (`channel`), and the formats."""
