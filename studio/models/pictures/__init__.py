"""Sets of pictures, read from a folder, a zip or an npz that is not to be trusted."""
