"""The checks of `check`, one module for each subject; `status` and `serve` share some of them."""
