"""Each test here injects one fault, for real, and says what happened; `make faults` prints the table."""
