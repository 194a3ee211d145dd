"""Kills the real service between any two steps, and compares what people saw with what they should.

`child` is the process that dies, `rig` starts and restarts it, `people` are the stories told to it,
`history` judges. Short forms run in `make test`; `make torture MINUTES=n` goes on with new seeds.
"""
