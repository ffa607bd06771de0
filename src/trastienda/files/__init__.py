"""Files that people bring and take away: spreadsheets, lists, past sales; bytes ⇄ rows ⇄ objects."""
