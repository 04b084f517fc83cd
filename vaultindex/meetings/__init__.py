"""What a note says of a meeting, however it is written: who was there, what was decided, who does what by when."""
