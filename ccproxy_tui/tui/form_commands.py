"""What can be done in forms and dialogs.

The order is the footer's: saving, then what belongs to the focused control, then the form's rest.
"""

from ccproxy_tui.tui.command import Command

_CONTROLS: tuple[Command, ...] = (
    Command("choice.next", "Next choice", "Choose the next possibility.", "right,space,l", "choice"),
    Command("choice.previous", "Previous", "Choose the previous possibility.", "left,h", "choice",
            footer=False),
    Command("lines.delete", "Delete", "Delete the line, or take its deletion back.", "d,delete",
            "lines"),
    Command("lines.add", "Add", "Type a new line.", "a", "lines"),
    Command("lines.down", "Down", "Go one line down.", "down,j", "lines", footer=False),
    Command("lines.up", "Up", "Go one line up.", "up,k", "lines", footer=False),
    Command("pairs.edit", "Edit", "Go to the two texts of the replacement.", "enter,e", "pairs"),
    Command("pairs.earlier", "Move up", "Let it be replaced earlier.", "K", "pairs"),
    Command("pairs.later", "Move down", "Let it be replaced later.", "J", "pairs"),
    Command("fold.toggle", "Show/hide", "Show or hide the fields that are seldom needed.",
            "space,enter,right,left", "fold"),
    Command("search.take", "Choose row", "Choose the row marked in the list below.", "enter",
            "search"),
    Command("search.list", "Into the list", "Go down into the list.", "down", "search"),
    Command("template.apply", "Change groups", "Give the chosen fields to the chosen groups.", "enter",
            "template"),
    Command("picker.toggle", "Choose", "Choose the row, or no longer; on a heading, all of its rows.",
            "space,enter", "picker"),
    Command("picker.all", "All", "Choose all that are shown, or none of them.", "a", "picker"),
    Command("picker.search", "Search", "Type words that the rows must have.", "slash", "picker"),
    Command("picker.earlier", "Move up", "Move a chosen row forward in the order.", "K", "picker"),
    Command("picker.later", "Move down", "Move a chosen row back in the order.", "J", "picker"),
    Command("targets.heavier", "Heavier", "Raise a chosen target's weight.", "+,=", "targets"),
    Command("targets.lighter", "Lighter", "Lower a chosen target's weight.", "-", "targets"),
    Command("targets.switch", "Off/on", "Switch a chosen target off or on; it keeps its place.",
            "o", "targets"),
    Command("picker.down", "Down", "Go one row down.", "down,j", "picker", footer=False),
    Command("picker.up", "Up", "Go one row up.", "up,k", "picker", footer=False),
    Command("picker.first", "First", "Go to the first row.", "g,home", "picker", footer=False),
    Command("picker.last", "Last", "Go to the last row.", "G,end", "picker", footer=False),
    Command("picker.page_down", "Page down", "Go one page down.", "pagedown,ctrl+d", "picker",
            footer=False),
    Command("picker.page_up", "Page up", "Go one page up.", "pageup,ctrl+u", "picker",
            footer=False),
)  # fmt: skip

_FORM: tuple[Command, ...] = (
    Command("form.fetch", "Fetch models", "Ask the provider for its models, and choose among them.",
            "ctrl+f", "form"),
    Command("form.test", "Test", "Send a tiny request to one of the models, and say how it went.",
            "ctrl+t", "form"),
    Command("form.new_token", "New token", "Replace the access key's token by a new one.", "ctrl+n",
            "form"),
    Command("form.editor", "$EDITOR", "Open the text of the focused field in $EDITOR.", "ctrl+o",
            "form"),
    Command("form.library", "Prompts", "Choose a prompt from the library, and insert it.", "ctrl+l",
            "form"),
    Command("form.keep", "Keep text", "Keep the text among the prompts of your own.", "ctrl+g",
            "form"),
    Command("form.preview", "Preview", "Show what a recorded call would become under the group as edited.",
            "ctrl+r", "form"),
    Command("form.close", "Close", "Leave the form; asks when something was changed.", "escape",
            "form"),
    Command("form.next", "Next field", "Go to the next field.", "tab,down", "form", footer=False,
            at_once="tab"),
    Command("form.previous", "Field before", "Go to the field before.", "shift+tab,up", "form",
            footer=False, at_once="shift+tab"),
)  # fmt: skip

_DIALOGS: tuple[Command, ...] = (
    Command("selection.take", "Take these", "Take what is chosen.", "ctrl+s", "selection"),
    Command("selection.close", "Cancel", "Leave all as it was.", "escape", "selection"),
    Command("selection.next", "Search/list", "Go between the search words and the list.",
            "tab,shift+tab", "selection", footer=False),
    Command("dialog.yes", "Yes", "Do what is asked about.", "y", "dialog"),
    Command("dialog.no", "No", "Leave all as it is.", "n,escape", "dialog"),
    Command("dialog.next", "Other answer", "Go to the other answer.",
            "tab,shift+tab,left,right,h,l", "dialog", footer=False),
    Command("welcome.copy", "Copy", "Copy both lines, in full.", "y", "welcome"),
    Command("welcome.reveal", "Show/hide token", "Show the token in full, or masked.", "v",
            "welcome"),
    Command("welcome.close", "Go on", "Close this and go on.", "enter,escape,q", "welcome"),
)  # fmt: skip

FORM_COMMANDS: tuple[Command, ...] = (
    Command("form.save", "Save", "Save; it holds for the next call.", "ctrl+s", "form"),
    *_CONTROLS,
    *_FORM,
    *_DIALOGS,
)
