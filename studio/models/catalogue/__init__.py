"""What models lie in the folders of a person: found by content, described, and remembered."""

from studio.models.catalogue.entry import KINDS, Entry
from studio.models.catalogue.examine import examine
from studio.models.catalogue.places import Place, folders_to_search, found_places
from studio.models.catalogue.scan import Scan, scan
from studio.models.catalogue.store import CatalogueStore

__all__ = [
    "KINDS",
    "CatalogueStore",
    "Entry",
    "Place",
    "Scan",
    "examine",
    "folders_to_search",
    "found_places",
    "scan",
]
