"""Questions and passages made harder: pure functions, no storage."""
