"""What can be done with a call, in log and inspector alike, and in the dialogs that this opens."""

from ccproxy_tui.tui.command import Command

_ON_A_CALL: tuple[Command, ...] = (
    Command("call.copy_as", "Copy as", "Copy it as a curl command, as JSON, its reply, or its id.", "Y",
            "call"),
    Command("call.replay", "Replay", "Send it again: as it was, edited, or to another model.", "r",
            "call"),
    Command("call.cancel", "Cancel", "End a running call; its client gets an error that it understands.",
            "x", "call"),
    Command("call.compare", "Compare", "Show it side by side with the marked call.", "=",
            "call"),
    Command("call.mark", "Mark", "Mark it, or no longer.", "m", "call"),
    Command("call.remark", "Remark", "Note something on it.", "a", "call", footer=False),
)  # fmt: skip

_LOG_ALONE: tuple[Command, ...] = (
    Command("log.export", "Export", "Write the calls that are shown to a file, as JSON lines or HAR.",
            "E", "log"),
)  # fmt: skip

_INSPECT_ALONE: tuple[Command, ...] = (
    Command("inspect.save", "Save", "Write the call with its four messages to a file.", "W", "inspect"),
)  # fmt: skip

_DIALOGS: tuple[Command, ...] = (
    Command("copy_as.take", "Copy", "Copy the call in the form at the cursor.", "enter,space", "copy_as"),
    Command("copy_as.close", "Cancel", "Copy nothing.", "escape,q", "copy_as"),
    Command("replay.send", "Send", "Send the call again, and compare the two.", "enter,ctrl+s", "replay"),
    Command("replay.editor", "Edit body", "Open the request's JSON in $EDITOR.", "ctrl+o", "replay"),
    Command("replay.target", "Pick target", "Choose among the models of all providers.", "ctrl+t",
            "replay"),
    Command("export.begin", "Export", "Write the file; it goes on in the background.", "enter,ctrl+s",
            "export"),
    Command("export.stop", "Stop", "Stop the export that runs; its file is taken away.", "ctrl+x",
            "export"),
    Command("task.next", "Next field", "Go to the next field.", "tab,down", "task", footer=False,
            at_once="tab"),
    Command("task.previous", "Field before", "Go to the field before.", "shift+tab,up", "task",
            footer=False, at_once="shift+tab"),
    Command("task.close", "Close", "Leave it.", "escape", "task"),
    Command("ask.keep", "Keep", "Take what is typed.", "enter,ctrl+s", "ask"),
    Command("ask.close", "Cancel", "Leave all as it was.", "escape", "ask"),
    Command("compare.next", "Next tab", "Go to the next tab.", "],right,l", "compare"),
    Command("compare.previous", "Previous tab", "Go to the previous tab.", "[,left,h", "compare",
            footer=False),
    Command("compare.copy", "Copy", "Copy what is shown, in full.", "y", "compare"),
    Command("compare.open", "Open", "Open it in $PAGER, or else in $EDITOR.", "o", "compare"),
    Command("compare.close", "Back", "Go back.", "escape,q,=", "compare"),
)  # fmt: skip

CALL_COMMANDS: tuple[Command, ...] = (*_ON_A_CALL, *_LOG_ALONE, *_INSPECT_ALONE, *_DIALOGS)
