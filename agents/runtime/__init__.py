"""Running agents: a process, a token, a proposal, and its application in the transaction of whoever asked."""
