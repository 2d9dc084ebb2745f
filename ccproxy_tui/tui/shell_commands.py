"""What can be done in the main screen, its panes, help and the command line."""

from ccproxy_tui.tui.call_commands import CALL_COMMANDS
from ccproxy_tui.tui.command import Command

_OVERLAYS: tuple[Command, ...] = (
    Command("command.run", "Run", "Carry out the command at the cursor.", "enter", "command"),
    Command("command.complete", "Complete", "Take over the name at the cursor.", "tab", "command"),
    Command("command.down", "Next", "Go to the next command.", "down,ctrl+n", "command"),
    Command("command.up", "Before", "Go to the command before.", "up", "command"),
    Command("command.close", "Close", "Do nothing.", "escape", "command"),
    Command("help.search", "Search", "Search keys and commands.", "slash", "help"),
    Command("help.close", "Close", "Close help.", "escape,q,question_mark", "help"),
)

_CONFIG: tuple[Command, ...] = (
    Command("config.add", "Add", "Add one to this list.", "a", "config"),
    Command("config.edit", "Edit", "Edit the selected one.", "e,enter", "config"),
    Command(
        "config.toggle", "On/off", "Disable the selected one, or enable it.", "space", "config"
    ),
    Command(
        "config.delete", "Delete", "Delete it, after saying what depends on it.", "d", "config"
    ),
    Command(
        "group.activate", "Activate", "Make this the group that /switch leads to.", "A", "groups"
    ),
    Command(
        "provider.test", "Test", "Send a tiny real call and say how it went.", "t", "providers"
    ),
    Command(
        "proxy.candidates",
        "Candidates",
        "Show who can answer for this alias, live, and whom a call would go to.",
        "c",
        "proxies",
    ),
    Command("config.copy", "Copy", "Copy its address, token or name.", "y", "config"),
    Command("config.duplicate", "Duplicate", "Add a copy under another name.", "D", "config"),
    Command(
        "group.template",
        "Template",
        "Give some of its fields to other groups, in one step.",
        "T",
        "groups",
    ),
    Command("config.down", "Move down", "Move it down in its list.", "J", "config", footer=False),
    Command("config.up", "Move up", "Move it up in its list.", "K", "config", footer=False),
)

_LOG: tuple[Command, ...] = (
    Command("log.open", "Inspect", "Show the call: what was sent and what came.", "enter", "log"),
    Command("log.follow", "Follow", "Follow the newest calls, or stay where you are.", "f", "log"),
    Command("pane.filter", "Filter", "Show only rows with these words.", "slash", "pane"),
    Command("log.why", "Why", "Tell in words why the call went where it went.", "w", "log"),
    Command("log.copy", "Copy", "Copy the call's facts.", "y", "log"),
    Command("log.preview", "Preview", "Show what the call would become now, in its group or another.", "v",
            "log"),
    Command("log.errors", "Errors", "Show failed calls only, or all again.", "!", "log"),
    Command("log.similar", "Like this", "Show only calls of the same session; again, of the same group and key.",
            "*", "log"),
    Command("log.recall", "Filter on/off", "Drop the filter, or bring the last one back.", ".", "log",
            footer=False),
    Command("log.group", "Sessions", "Put calls under the heads of their sessions, or no longer.", "S",
            "log"),
    Command("log.sort", "Sort", "Choose a column to sort by; the same one again turns it around.", "s",
            "log"),
    Command("log.columns", "Columns", "Choose columns and their order.", "c", "log"),
    Command("log.turn", "Turn around", "Show the newest calls first or last; or turn the sorting around.",
            "O", "log", footer=False),
    Command("log.toggle", "Follow/fold", "On a session's head: fold it, or unfold it. Else as f.", "space",
            "log", footer=False),
    Command("log.fold", "Fold", "Show only the head of this session.", "h,left", "log", footer=False),
    Command("log.unfold", "Unfold", "Show the calls of this session.", "l,right", "log", footer=False),
    Command("log.fold_all", "Fold all", "Show only the heads of sessions.", "minus", "log", footer=False),
    Command("log.unfold_all", "Unfold all", "Show the calls of all sessions.", "plus", "log",
            footer=False),
)  # fmt: skip

_COLUMNS: tuple[Command, ...] = (
    Command("columns.toggle", "On/off", "Show this column, or hide it.", "space,enter", "columns"),
    Command("columns.down", "Later", "Move the column to the right.", "J", "columns"),
    Command("columns.up", "Sooner", "Move the column to the left.", "K", "columns"),
    Command("columns.reset", "Reset", "Show the usual columns in their usual order.", "r", "columns"),
    Command("columns.close", "Done", "Go back to the log; what you chose is remembered.", "escape,q,c",
            "columns"),
)  # fmt: skip

_INSPECT: tuple[Command, ...] = (
    Command("inspect.next", "Next tab", "Go to the next tab.", "]", "inspect"),
    Command(
        "inspect.previous",
        "Previous tab",
        "Go to the previous tab.",
        "[",
        "inspect",
        footer=False,
    ),
    Command("inspect.raw", "Tree/text", "Show JSON as a tree, or just as it was sent.", "p", "inspect"),
    Command("inspect.copy", "Copy", "Copy what the line stands for, in full.", "y", "inspect"),
    Command("inspect.open", "Open", "Open it in $PAGER, or else in $EDITOR.", "o", "inspect"),
    Command("inspect.later", "Next call", "Show the next call of the log.", "J", "inspect", footer=False),
    Command("inspect.earlier", "Call before", "Show the call before in the log.", "K", "inspect",
            footer=False),
    Command("inspect.why", "Why", "Tell in words why the call went where it went.", "w", "inspect"),
)  # fmt: skip

_TEXT: tuple[Command, ...] = (
    Command("text.find", "Find", "Find words in the text.", "slash", "text"),
    Command("text.next", "Next hit", "Go to the next hit.", "n", "text", footer=False),
    Command("text.previous", "Previous hit", "Go to the hit before.", "N", "text", footer=False),
)

_OUTLINE: tuple[Command, ...] = (
    Command("outline.toggle", "Fold", "Unfold what is below the line, or fold it.", "enter,space",
            "outline"),
    Command("outline.find", "Find", "Find words, also in what is folded.", "slash", "outline"),
    Command("outline.unfold", "Unfold", "Unfold the line, or go to what is below it.", "l,right", "outline",
            footer=False),
    Command("outline.fold", "Fold", "Fold the line, or go to the one above it.", "h,left", "outline",
            footer=False),
    Command("outline.fold_all", "Fold all", "Fold everything.", "minus", "outline", footer=False),
    Command("outline.unfold_all", "Unfold all", "Unfold everything.", "plus", "outline", footer=False),
    Command("outline.next", "Next hit", "Go to the next hit.", "n", "outline", footer=False),
    Command("outline.previous", "Previous hit", "Go to the hit before.", "N", "outline", footer=False),
)  # fmt: skip

_CANDIDATES: tuple[Command, ...] = (
    Command("route.run", "Run", "Say whom the call would go to; nothing is sent.", "enter", "route"),
    Command("route.close", "Cancel", "Go back to the candidates.", "escape", "route"),
    Command("candidates.switch", "On/off", "Disable this candidate, or enable it.", "space",
            "candidates"),
    Command("candidates.reset", "Reset", "Make it ready, and forget what its model cannot do.", "r",
            "candidates"),
    Command("candidates.test", "Probe now", "Send it a tiny real request; an answer makes it ready.",
            "t", "candidates"),
    Command("candidates.route", "Dry run", "Type a model, and see whom a call for it would go to.",
            "w,slash", "candidates"),
    Command("candidates.copy", "Copy", "Copy what is shown, as text.", "y", "candidates"),
    Command("candidates.close", "Back", "Go back one level.", "escape,q", "candidates"),
    Command("why.copy", "Copy", "Copy the text.", "y", "why"),
    Command("why.close", "Back", "Go back.", "escape,q,w", "why"),
)  # fmt: skip

_DASHBOARD: tuple[Command, ...] = (
    Command("dashboard.later", "Longer", "Show a longer time.", "],right,l", "dashboard"),
    Command("dashboard.earlier", "Shorter", "Show a shorter time.", "[,left,h", "dashboard"),
    Command("dashboard.by", "Sum up by", "Sum up by group, alias, target, key or session.", "tab",
            "dashboard"),
    Command("dashboard.by_before", "By, back", "Sum up by what came before.", "shift+tab",
            "dashboard", footer=False),
    Command("dashboard.bars", "Bars", "Draw money, requests, tokens or times in the bars.", "p,space",
            "dashboard"),
    Command("dashboard.open", "Its calls", "Show the calls of this row in the log.", "enter",
            "dashboard"),
    Command("dashboard.copy", "Copy", "Copy the figures, as text.", "y", "dashboard"),
    Command("dashboard.close", "Back", "Go back.", "escape,q,7", "dashboard"),
)  # fmt: skip

_PROMPTS: tuple[Command, ...] = (
    Command("prompts.insert", "Insert", "Put the prompt into the group's text, at the cursor.", "enter",
            "prompts"),
    Command("prompts.copy", "Copy", "Copy the prompt's text.", "y,enter", "prompts"),
    Command("prompts.filter", "Filter", "Show only prompts with these words.", "slash", "prompts"),
    Command("prompts.add", "Add", "Add a prompt of your own.", "a", "prompts"),
    Command("prompts.edit", "Edit", "Edit your own prompt, or make a copy of a shipped one.", "e",
            "prompts"),
    Command("prompts.delete", "Delete", "Delete a prompt of your own.", "d", "prompts"),
    Command("prompts.editor", "$EDITOR", "Open the prompt's text in $EDITOR.", "ctrl+o", "prompts"),
    Command("prompts.next", "List/text", "Go between the list and the text.", "tab,shift+tab",
            "prompts", footer=False),
    Command("prompts.undo", "Undo", "Take back the last change of configuration.", "u", "prompts",
            footer=False),
    Command("prompts.redo", "Redo", "Do again what was taken back.", "ctrl+r", "prompts",
            footer=False),
    Command("prompts.close", "Back", "Go back one level.", "escape,q", "prompts"),
)  # fmt: skip

_PREVIEW: tuple[Command, ...] = (
    Command("preview.whole", "Whole", "Show the whole request upstream, or what is changed.", "w",
            "preview"),
    Command("preview.older", "Older", "Go to the call before.", "[,left,h", "preview"),
    Command("preview.newer", "Newer", "Go to the call after.", "],right,l", "preview"),
    Command("preview.group", "Group", "Show it under the next group.", "tab", "preview"),
    Command("preview.copy", "Copy", "Copy what is shown, in full.", "y", "preview"),
    Command("preview.open", "Open", "Open it in $PAGER, or else in $EDITOR.", "o,ctrl+o", "preview"),
    Command("preview.close", "Back", "Go back one level.", "escape,q", "preview"),
)  # fmt: skip

_MOVING: tuple[Command, ...] = (
    Command("list.down", "Down", "Move down.", "j,down", "list", footer=False),
    Command("list.up", "Up", "Move up.", "k,up", "list", footer=False),
    Command("list.first", "First", "Go to the first row.", "g,home", "list", footer=False),
    Command("list.last", "Last", "Go to the last row.", "G,end", "list", footer=False),
    Command(
        "list.half_down", "Half page down", "Half a page down.", "ctrl+d", "list", footer=False
    ),
    Command("list.half_up", "Half page up", "Half a page up.", "ctrl+u", "list", footer=False),
    Command("list.page_down", "Page down", "A page down.", "pagedown", "list", footer=False),
    Command("list.page_up", "Page up", "A page up.", "pageup", "list", footer=False),
    Command("text.down", "Down", "Scroll down.", "j,down", "text", footer=False),
    Command("text.up", "Up", "Scroll up.", "k,up", "text", footer=False),
    Command("text.first", "Start", "Go to the start.", "g,home", "text", footer=False),
    Command("text.last", "End", "Go to the end.", "G,end", "text", footer=False),
    Command(
        "text.half_down", "Half page down", "Half a page down.", "ctrl+d", "text", footer=False
    ),
    Command("text.half_up", "Half page up", "Half a page up.", "ctrl+u", "text", footer=False),
    Command("text.page_down", "Page down", "A page down.", "pagedown", "text", footer=False),
    Command("text.page_up", "Page up", "A page up.", "pageup", "text", footer=False),
)

_MAIN: tuple[Command, ...] = (
    Command("main.undo", "Undo", "Take back the last change of configuration.", "u", "main"),
    Command("main.redo", "Redo", "Do again what was taken back.", "ctrl+r", "main", footer=False),
    Command("main.zoom", "Zoom", "Show this pane alone, or all again.", "z", "main"),
    Command("main.split", "Split", "Put the inspector right of the log, or below it.", "|", "main",
            footer=False),
    Command("main.route", "Route", "Dry run: whom a call for a model would go to, and why.", "R", "main",
            footer=False),
    Command("main.command", "Command", "Type a command by name.", "colon", "main"),
    Command("app.palette", "Palette", "Search all commands.", "ctrl+p", "app", footer=False),
    Command("app.settings", "Settings", "Address, time-outs, look.", "comma", "main", footer=False),
    Command("app.prompts", "Prompts", "Texts to put into groups: those shipped, and your own.", "P",
            "main", footer=False),
    Command("app.welcome", "Welcome", "How to point Claude Code here.", "W", "main", footer=False),
    Command("app.help", "Help", "All keys and commands.", "question_mark,f1", "main"),
    Command("main.quit", "Quit", "Go back, or quit; asks when calls run.", "q", "main"),
    Command("main.back", "Back", "Back one level: filter, zoom, inspector.", "escape", "main",
            footer=False),
    Command("main.how_to_quit", "How to quit", "Say how to quit.", "ctrl+c", "main", footer=False),
    Command("app.leave", "Quit at once", "Quit without asking.", "ctrl+q", "app", footer=False),
    Command("main.next", "Next pane", "Go to the next pane.", "tab", "main", footer=False),
    Command("main.previous", "Pane before", "Go to the pane before.", "shift+tab", "main",
            footer=False),
    Command("main.groups", "Groups", "Go to the groups.", "1", "main", footer=False),
    Command("main.proxies", "Proxies", "Go to the proxies of the selected group.", "2", "main",
            footer=False),
    Command("main.keys", "Keys", "Go to the access keys.", "3", "main", footer=False),
    Command("main.providers", "Providers", "Go to the providers.", "4", "main", footer=False),
    Command("main.log", "Log", "Go to the log.", "5", "main", footer=False),
    Command("main.inspect", "Inspect", "Go to the inspector.", "6", "main", footer=False),
    Command("app.dashboard", "Dashboard", "What the calls of a day, a week or a month add up to.", "7",
            "main", footer=False),
)  # fmt: skip

_FILTER: tuple[Command, ...] = (
    Command("filter.keep", "Keep", "Keep the filter and go to the rows.", "down,enter", "filter"),
    Command("filter.clear", "Clear", "Show everything again.", "escape", "filter"),
)

_CALL_FILTER: tuple[Command, ...] = (
    Command("call_filter.take", "Complete", "Take what is offered, or see what there is.", "tab",
            "call_filter"),
    Command("call_filter.up", "Earlier", "Go up in what is offered, or to an earlier filter.", "up",
            "call_filter"),
    Command("call_filter.down", "Later", "Go down in what is offered, to a later filter, or to the rows.",
            "down", "call_filter", footer=False),
    Command("call_filter.save", "Save", "Keep the filter under a name.", "ctrl+s", "call_filter"),
    Command("call_filter.saved", "Saved", "Show the filters that are kept, to take or delete one.",
            "ctrl+l", "call_filter"),
    Command("call_filter.help", "Fields", "Show all fields, with examples; at the start of a term.",
            "question_mark", "call_filter"),
    Command("saved.take", "Take", "Show the calls that this filter lets by.", "enter", "saved"),
    Command("saved.delete", "Delete", "Delete the filter at the cursor.", "d,delete", "saved"),
    Command("saved.close", "Back", "Go back to the line.", "escape,q", "saved"),
)  # fmt: skip

SHELL_COMMANDS: tuple[Command, ...] = (
    *_FILTER,
    *_CALL_FILTER,
    *_OVERLAYS,
    *_CONFIG,
    *_LOG,
    *_INSPECT,
    *CALL_COMMANDS,
    *_COLUMNS,
    *_OUTLINE,
    *_TEXT,
    *_CANDIDATES,
    *_DASHBOARD,
    *_PREVIEW,
    *_PROMPTS,
    *_MAIN,
    *_MOVING,
)
