"""Pages and REST of approvals."""
