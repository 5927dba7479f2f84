"""How each kind of object is taken apart, and beside it the function that puts it together again."""
