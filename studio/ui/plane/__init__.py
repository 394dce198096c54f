"""The canvas of models that work in the plane: paths, flow field, density; and drawing by hand."""
