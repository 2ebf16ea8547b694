"""What an app is made of: prompts, infer tasks, train tasks, strategies and scoring methods."""
