"""The themes; nothing else names a colour."""

from textual.theme import Theme

DARK = Theme(
    name="ccproxy-dark",
    dark=True,
    primary="#5fa8f5",
    secondary="#8fb8de",
    accent="#f2b65a",
    warning="#f2b65a",
    error="#f2727f",
    success="#67c587",
    foreground="#e2e5ea",
    background="#101418",
    surface="#161b21",
    panel="#1e252d",
    variables={
        "border": "#5fa8f5",
        "border-blurred": "#3a444f",
        "block-cursor-background": "#1f4468",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#232c36",
        "block-cursor-blurred-foreground": "#e2e5ea",
        "footer-background": "#1e252d",
        "footer-foreground": "#c3c9d1",
        "footer-key-foreground": "#f2b65a",
        "input-selection-background": "#2f5f8f",
    },
)

LIGHT = Theme(
    name="ccproxy-light",
    dark=False,
    primary="#1d5fa8",
    secondary="#3c6a94",
    accent="#9a5b00",
    warning="#9a5b00",
    error="#b3202f",
    success="#1c7a3c",
    foreground="#1c2229",
    background="#fafbfc",
    surface="#f1f3f5",
    panel="#e4e8ec",
    variables={
        "border": "#1d5fa8",
        "border-blurred": "#b8c1ca",
        "block-cursor-background": "#cfe2f7",
        "block-cursor-foreground": "#0f1419",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#e4e8ec",
        "block-cursor-blurred-foreground": "#1c2229",
        "footer-background": "#e4e8ec",
        "footer-foreground": "#39424c",
        "footer-key-foreground": "#9a5b00",
        "input-selection-background": "#a9cdf2",
        "text-success": "#1c7a3c",
        "text-warning": "#9a5b00",
        "text-error": "#b3202f",
        "text-primary": "#1d5fa8",
    },
)

ANSI = Theme(
    name="ccproxy-ansi",
    ansi=True,
    dark=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_yellow",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "border": "ansi_cyan",
        "border-blurred": "ansi_bright_black",
        "text-muted": "ansi_default",
        "block-cursor-background": "ansi_default",
        "block-cursor-foreground": "ansi_default",
        "block-cursor-text-style": "reverse",
        "block-cursor-blurred-background": "ansi_default",
        "block-cursor-blurred-foreground": "ansi_default",
        "block-cursor-blurred-text-style": "bold",
        "footer-key-foreground": "ansi_yellow",
        "scrollbar-background": "ansi_default",
    },
)

THEMES = (DARK, LIGHT, ANSI)


def fitting_theme(wanted: str, *, few_colours: bool) -> str:
    """Return the name of the theme to wear: where there are but 16 colours, the terminal's own."""
    if few_colours:
        return ANSI.name
    return wanted if wanted in {theme.name for theme in THEMES} else DARK.name
