"""Generated protocol buffer modules; see proto/README.md."""
