"""The mask of the Restore page: what is to be made anew, and the canvas to paint it on."""
