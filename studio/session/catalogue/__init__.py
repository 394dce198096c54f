"""What models the person has, and where they are."""
