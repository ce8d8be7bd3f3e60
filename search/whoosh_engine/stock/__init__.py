"""What stock Whoosh reads and writes our files by: the classes behind `codec`."""
