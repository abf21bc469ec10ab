"""Ask servers for documents: guarded, bounded, polite. The only user of httpx and httpcore."""
