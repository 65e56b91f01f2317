"""The picture models: the children's demonstration model, the gate before it, and an experiment on adults."""
