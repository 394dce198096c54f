"""Comparisons: which cells there are, what became of each, and how they are kept and exported."""

from studio.library.comparison.cells import FITTED, Cell, Comparison, Pick, Result, parse_budgets
from studio.library.comparison.export import export, pictures_of, write_csv, write_sheet
from studio.library.comparison.figures import pareto_front, slope
from studio.library.comparison.folder import ComparisonFolder
from studio.library.comparison.layout import Layout
from studio.library.comparison.references import REFERENCES, Reference
from studio.library.comparison.sheet import Caption

__all__ = [
    "FITTED",
    "REFERENCES",
    "Caption",
    "Cell",
    "Comparison",
    "ComparisonFolder",
    "Layout",
    "Pick",
    "Reference",
    "Result",
    "export",
    "pareto_front",
    "parse_budgets",
    "pictures_of",
    "slope",
    "write_csv",
    "write_sheet",
]
