"""How large an uploaded document may be before it is refused."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvidenceLimits:
    """Upper bounds of one document; sizes in bytes, lengths in characters.

    `unzipped_bytes` and `zip_ratio` are checked on what really comes out of an archive: the sizes that an archive
    declares about itself are its author's claim.
    """

    file_bytes: int = 10_000_000
    text_characters: int = 1_000_000
    rows: int = 20_000
    columns: int = 256
    cells: int = 200_000
    cell_characters: int = 32_767
    sheets: int = 50
    json_depth: int = 32
    number_digits: int = 40
    number_exponent: int = 30
    zip_members: int = 1_000
    unzipped_bytes: int = 100_000_000
    zip_ratio: int = 200


DEFAULT_LIMITS = EvidenceLimits()
