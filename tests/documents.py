"""Config documents as files."""

from pathlib import Path

import yaml
from builders import document


def document_file(folder: Path, **sections: object) -> Path:
    """The builders' document with `sections` put in."""
    file = folder / "tiergate.yaml"
    file.write_text(yaml.safe_dump(document(**sections)))
    return file
