"""Commands of the doors: thin coats over what other rooms do, each an optional extra of the package."""
