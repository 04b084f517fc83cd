"""Agreement with the recorded answers of Obsidian and its Tasks plugin: sets of cases, each a module here."""
