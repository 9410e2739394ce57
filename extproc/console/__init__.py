"""What a running router shows to people: a page in the browser, and the same for a terminal."""
