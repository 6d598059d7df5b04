"""The sidecar: a table of jobs, the floor they keep, and the child processes they start."""
