"""What a model or a set of pictures says about itself."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Line = Annotated[str, Field(max_length=200)]
_Paragraph = Annotated[str, Field(max_length=4000)]


class Card(BaseModel):
    """Hold the name, the terms and the story of a model; all of it is plain text."""

    model_config = ConfigDict(frozen=True, strict=True)

    name: Line = ""
    licence: Line = ""
    credit: Line = ""
    note: _Paragraph = ""

    @property
    def terms(self) -> str:
        """Return the licence and the credit line as one line."""
        return f"{self.licence} ({self.credit})" if self.licence and self.credit else self.licence


def complaint(error: ValidationError) -> str:
    """Return the first thing that is wrong with untrusted input, and where, as half a sentence."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    said = first["msg"].removeprefix("Value error, ")
    return f"{place}: {said}" if place else said
