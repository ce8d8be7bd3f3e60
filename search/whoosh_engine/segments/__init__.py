"""What a segment is: flat arrays in one file, and the stored articles beside them."""
