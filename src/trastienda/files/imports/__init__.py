"""What an import reads: product lists and past sales, with the rows that it refuses."""
