"""The Tasks plugin's settings as a vault keeps them: statuses, format, filters, presets. Wrong values are defaults."""

from typing import Any, NamedTuple

EMOJI = "emoji"
DATAVIEW = "dataview"
TYPES = ("TODO", "DONE", "IN_PROGRESS", "ON_HOLD", "CANCELLED", "NON_TASK")
STATES = ("proposed", "open", "done", "cancelled", "other")  # what a task is to our own lists
DATES = ("due", "scheduled", "start", "created", "done", "cancelled")  # the fields of a task that hold a date
DONE_TYPES = frozenset(("DONE", "CANCELLED", "NON_TASK"))


class Status(NamedTuple):
    """What one character between `[` and `]` means. `next` is the character that ticking the box gives."""

    symbol: str
    name: str
    next: str
    type: str  # one of TYPES


CORE_STATUSES = (Status(" ", "Todo", "x", "TODO"), Status("x", "Done", " ", "DONE"))
CUSTOM_STATUSES = (Status("/", "In Progress", "x", "IN_PROGRESS"), Status("-", "Cancelled", " ", "CANCELLED"))
STATUSES = {status.symbol: status for status in CORE_STATUSES + CUSTOM_STATUSES}

_HIDE_DATES = """\
# Hide any values for all date fields
hide due date
hide scheduled date
hide start date
hide created date
hide done date
hide cancelled date"""
_HIDE_OTHERS = """\
# Hide all the non-date fields, but not tags
hide id
hide depends on
hide recurrence rule
hide on completion
hide priority"""
_HIDE_ELEMENTS = """\
# Hide toolbar, postpone, edit, backlinks and task count
hide toolbar
hide postpone button
hide edit button
hide backlinks
hide task count"""
_HIDE_EVERYTHING = """\
# Hide everything except description and any tags
preset hide_date_fields
preset hide_non_date_fields
preset hide_query_elements"""

# The presets that the plugin (8.3.0) offers until the user saves their own.
PRESETS = {
    "this_file": "path includes {{query.file.path}}",
    "this_folder": "folder includes {{query.file.folder}}",
    "this_folder_only": "filter by function task.file.folder === query.file.folder",
    "this_root": "root includes {{query.file.root}}",
    "hide_date_fields": _HIDE_DATES,
    "hide_non_date_fields": _HIDE_OTHERS,
    "hide_query_elements": _HIDE_ELEMENTS,
    "hide_everything": _HIDE_EVERYTHING,
}


class TaskSettings(NamedTuple):
    """How task lines are read and written. The defaults are the plugin's own; `stray_fields` is ours."""

    statuses: dict[str, Status] = STATUSES
    task_format: str = EMOJI
    global_filter: str = ""
    remove_global_filter: bool = False
    global_query: str = ""
    set_created_date: bool = False
    set_done_date: bool = True
    set_cancelled_date: bool = True
    recurrence_on_next_line: bool = False
    remove_scheduled_on_recurrence: bool = False
    use_filename_as_scheduled: bool = False
    filename_date_format: str = ""
    filename_date_folders: tuple[str, ...] = ()
    presets: dict[str, str] = PRESETS
    stray_fields: bool = False

    @classmethod
    def from_plugin(cls, data: Any) -> "TaskSettings":
        """The settings in the content of the plugin's data.json; what is missing or of a wrong type is the default."""
        if not isinstance(data, dict):
            return cls()
        presets = data.get("presets", data.get("includes"))
        folders = data.get("filenameAsDateFolders")
        return cls(
            statuses=_statuses(data.get("statusSettings")),
            task_format=DATAVIEW if data.get("taskFormat") == "dataview" else EMOJI,
            global_filter=_text(data, "globalFilter"),
            remove_global_filter=_flag(data, "removeGlobalFilter", False),
            global_query=_text(data, "globalQuery"),
            set_created_date=_flag(data, "setCreatedDate", False),
            set_done_date=_flag(data, "setDoneDate", True),
            set_cancelled_date=_flag(data, "setCancelledDate", True),
            recurrence_on_next_line=_flag(data, "recurrenceOnNextLine", False),
            remove_scheduled_on_recurrence=_flag(data, "removeScheduledDateOnRecurrence", False),
            use_filename_as_scheduled=_flag(data, "useFilenameAsScheduledDate", False),
            filename_date_format=_text(data, "filenameAsScheduledDateFormat"),
            filename_date_folders=tuple(f for f in folders if isinstance(f, str)) if isinstance(folders, list) else (),
            presets=_presets(presets),
        )

    def status(self, symbol: str) -> Status:
        """The status of a character; one that nobody described is `Unknown`, leads to `x` and counts as not done."""
        return self.statuses.get(symbol) or Status(symbol, "Unknown", "x", "TODO")


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _flag(data: dict[str, Any], key: str, default: bool) -> bool:
    value = data.get(key)
    return value if isinstance(value, bool) else default


def _presets(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return PRESETS
    return {name: text for name, text in value.items() if isinstance(text, str)}


def _status(entry: Any) -> Status | None:
    if not isinstance(entry, dict) or not isinstance(symbol := entry.get("symbol"), str) or not symbol:
        return None
    name, following, kind = entry.get("name"), entry.get("nextStatusSymbol"), entry.get("type")
    return Status(
        symbol,
        name if isinstance(name, str) else "",
        following if isinstance(following, str) else "x",
        kind if isinstance(kind, str) and kind in TYPES else "TODO",
    )


def _statuses(value: Any) -> dict[str, Status]:
    """Symbol -> Status: core then custom, and the first entry for a symbol wins, as in the plugin's registry."""
    lists = value if isinstance(value, dict) else {}
    found: dict[str, Status] = {}
    for key, default in (("coreStatuses", CORE_STATUSES), ("customStatuses", CUSTOM_STATUSES)):
        entries = lists.get(key)
        for status in map(_status, entries) if isinstance(entries, list) else default:
            if status is not None:
                found.setdefault(status.symbol, status)
    return found
