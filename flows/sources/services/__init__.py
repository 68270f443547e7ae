"""How a kind of service answers, where several sources ask it."""
