"""What training made: columns of what is known of a line, and forests over them."""
