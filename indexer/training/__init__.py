"""How the weights of the cleaner were made. Needs the `train` extra; never imported at run time."""
