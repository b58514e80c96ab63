"""How the models that ship with the package were made. Not part of the wheel."""
