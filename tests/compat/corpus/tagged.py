"""Calls in our own grammar, `<cs:tool_use>`, as the prompt asks for it and nearly so."""

from typing import Final

from tests.compat.corpus.case import Case, bash, read, write

_PATH: Final = '<arg name="file_path" type="string">/work/app/main.py</arg>'
_MAIN: Final = read("/work/app/main.py")

_WELL_FORMED: Final = [
    Case(
        "as the prompt asks",
        """\
I'll read the file first.

<cs:tool_use>
  <name>Read</name>
  <args>
    <arg name="file_path" type="string">/work/app/main.py</arg>
  </args>
</cs:tool_use>""",
        "I'll read the file first.",
        [_MAIN],
    ),
    Case(
        "on one line",
        f"<cs:tool_use><name>Read</name><args>{_PATH}</args></cs:tool_use>",
        "",
        [_MAIN],
    ),
    Case(
        "in the middle of a line",
        f"Sure, let me look: <cs:tool_use><name>Read</name><args>{_PATH}</args></cs:tool_use>",
        "Sure, let me look:",
        [_MAIN],
    ),
    Case(
        "integers by the schema",
        """\
<cs:tool_use>
<name>Read</name>
<args>
<arg name="file_path" type="string">/var/log/syslog</arg>
<arg name="offset" type="number">120</arg>
<arg name="limit" type="number">40</arg>
</args>
</cs:tool_use>
""",
        "",
        [read("/var/log/syslog", offset=120, limit=40)],
    ),
    Case(
        "a tool without arguments",
        "<cs:tool_use>\n<name>list_tabs</name>\n<args>\n</args>\n</cs:tool_use>",
        "",
        [("list_tabs", {})],
    ),
    Case(
        "no args element at all",
        "<cs:tool_use><name>list_tabs</name></cs:tool_use>",
        "",
        [("list_tabs", {})],
    ),
    Case(
        "an args element that closes itself",
        "<cs:tool_use><name>list_tabs</name><args/></cs:tool_use>",
        "",
        [("list_tabs", {})],
    ),
    Case(
        "a long name",
        """\
<cs:tool_use>
<name>mcp__github__create_issue</name>
<args>
<arg name="owner" type="string">acme</arg>
<arg name="repo" type="string">shop</arg>
<arg name="title" type="string">Checkout fails for "O'Brien" & co</arg>
<arg name="labels" type="array">["bug", "checkout"]</arg>
<arg name="milestone" type="number">3</arg>
</args>
</cs:tool_use>
""",
        "",
        [
            (
                "mcp__github__create_issue",
                {
                    "owner": "acme",
                    "repo": "shop",
                    "title": 'Checkout fails for "O\'Brien" & co',
                    "labels": ["bug", "checkout"],
                    "milestone": 3.0,
                },
            )
        ],
    ),
    Case(
        "a name argument beside the tool's name",
        """\
<cs:tool_use>
<name>send_event</name>
<args>
<arg name="name" type="string">deploy</arg>
<arg name="payload" type="object">{"env": "prod", "steps": [1, 2], "dry": false}</arg>
</args>
</cs:tool_use>""",
        "",
        [
            (
                "send_event",
                {"name": "deploy", "payload": {"env": "prod", "steps": [1, 2], "dry": False}},
            )
        ],
    ),
    Case(
        "a list of edits as JSON",
        r"""
<cs:tool_use>
<name>MultiEdit</name>
<args>
<arg name="file_path" type="string">/src/app.ts</arg>
<arg name="edits" type="array">[
  {"old_string": "let a = 1;", "new_string": "const a = 1;"},
  {"old_string": "if (x < y) {\n", "new_string": "if (x <= y) {\n", "replace_all": true}
]</arg>
</args>
</cs:tool_use>""",
        "",
        [
            (
                "MultiEdit",
                {
                    "file_path": "/src/app.ts",
                    "edits": [
                        {"old_string": "let a = 1;", "new_string": "const a = 1;"},
                        {
                            "old_string": "if (x < y) {\n",
                            "new_string": "if (x <= y) {\n",
                            "replace_all": True,
                        },
                    ],
                },
            )
        ],
    ),
    Case(
        "todos as JSON",
        """\
Let me plan this.
<cs:tool_use>
  <name>TodoWrite</name>
  <args>
    <arg name="todos" type="array">
      [
        {"content": "Fix the test", "status": "in_progress", "activeForm": "Fixing the test"},
        {"content": "Run it", "status": "pending", "activeForm": "Running it"}
      ]
    </arg>
  </args>
</cs:tool_use>
""",
        "Let me plan this.",
        [
            (
                "TodoWrite",
                {
                    "todos": [
                        {
                            "content": "Fix the test",
                            "status": "in_progress",
                            "activeForm": "Fixing the test",
                        },
                        {"content": "Run it", "status": "pending", "activeForm": "Running it"},
                    ]
                },
            )
        ],
    ),
    Case(
        "dashes in names of arguments",
        """\
<cs:tool_use>
<name>Grep</name>
<args>
<arg name="pattern" type="string">def \\w+\\(self</arg>
<arg name="-A" type="number">2</arg>
<arg name="-n" type="boolean">true</arg>
<arg name="output_mode" type="string">content</arg>
</args>
</cs:tool_use>""",
        "",
        [
            (
                "Grep",
                {"pattern": "def \\w+\\(self", "-A": 2.0, "-n": True, "output_mode": "content"},
            )
        ],
    ),
]

_TOLERATED: Final = [
    Case(
        "an id on the opening tag",
        f'<cs:tool_use id="3">\n<name>Read</name>\n<args>{_PATH}</args>\n</cs:tool_use>',
        "",
        [_MAIN],
    ),
    Case(
        "an id as a child, as in the history",
        f"<cs:tool_use>\n<id>toolu_01</id>\n<name>Read</name>\n<args>\n{_PATH}\n</args>\n</cs:tool_use>",
        "",
        [_MAIN],
    ),
    Case(
        "an id behind the arguments",
        f"<cs:tool_use>\n<name>Read</name>\n<args>\n{_PATH}\n</args>\n<id>4</id>\n</cs:tool_use>",
        "",
        [_MAIN],
    ),
    Case(
        "arguments without args around them",
        f"<cs:tool_use>\n<name>Read</name>\n{_PATH}\n</cs:tool_use>",
        "",
        [_MAIN],
    ),
    Case(
        "args is not closed",
        f"<cs:tool_use>\n<name>Read</name>\n<args>\n{_PATH}\n</cs:tool_use>",
        "",
        [_MAIN],
    ),
    Case(
        "args is closed but not opened",
        f"<cs:tool_use>\n<name>Read</name>\n{_PATH}\n</args>\n</cs:tool_use>",
        "",
        [_MAIN],
    ),
    Case(
        "the name ends at the line's end",
        f"<cs:tool_use>\n<name>Read\n<args>\n{_PATH}\n</args>\n</cs:tool_use>",
        "",
        [_MAIN],
    ),
    Case(
        "the name ends at the next tag",
        f"<cs:tool_use><name>Read<args>{_PATH}</args></cs:tool_use>",
        "",
        [_MAIN],
    ),
    Case(
        "whitespace around the name",
        f"<cs:tool_use>\n<name>\n  Read\n</name>\n<args>{_PATH}</args>\n</cs:tool_use>",
        "",
        [_MAIN],
    ),
    Case(
        "the name as an attribute",
        f'<cs:tool_use name="Read">\n<args>\n{_PATH}\n</args>\n</cs:tool_use>',
        "",
        [_MAIN],
    ),
    Case(
        "the name and an id as attributes, no args",
        f"<cs:tool_use id='1' name='Read'>\n{_PATH}\n</cs:tool_use>",
        "",
        [_MAIN],
    ),
    Case(
        "single quotes",
        "<cs:tool_use><name>Read</name><args><arg name='file_path' type='string'>/a b.txt</arg></args></cs:tool_use>",
        "",
        [read("/a b.txt")],
    ),
    Case(
        "no quotes",
        "<cs:tool_use><name>Read</name><args><arg name=file_path type=string>/a.txt</arg><arg name=limit>5</arg></args></cs:tool_use>",
        "",
        [read("/a.txt", limit=5)],
    ),
    Case(
        "the type before the name",
        '<cs:tool_use><name>Read</name><args><arg type="string" name="file_path">/a.txt</arg></args></cs:tool_use>',
        "",
        [read("/a.txt")],
    ),
    Case(
        "attributes that nobody knows, and much space",
        '<cs:tool_use>\n<name>Read</name>\n<args>\n<arg  name="file_path"\n      type="string" required="true" >/a.txt</arg>\n</args>\n</cs:tool_use>',
        "",
        [read("/a.txt")],
    ),
    Case(
        "values as attributes",
        '<cs:tool_use>\n<name>Read</name>\n<args>\n<arg name="file_path" type="string" value="/etc/hosts"/>\n<arg name="limit" value="10" />\n</args>\n</cs:tool_use>',
        "",
        [read("/etc/hosts", limit=10)],
    ),
    Case(
        "a value as an attribute with the other quotes inside",
        """<cs:tool_use><name>Bash</name><args><arg name="command" value='grep -n "a > b" x.py'/></args></cs:tool_use>""",
        "",
        [bash('grep -n "a > b" x.py')],
    ),
    Case(
        "custom tags for arguments",
        """\
<cs:tool_use>
<name>Edit</name>
<args>
<file_path>/src/a.py</file_path>
<old_string>return a</old_string>
<new_string>return a + 1</new_string>
<replace_all>true</replace_all>
</args>
</cs:tool_use>""",
        "",
        [
            (
                "Edit",
                {
                    "file_path": "/src/a.py",
                    "old_string": "return a",
                    "new_string": "return a + 1",
                    "replace_all": True,
                },
            )
        ],
    ),
    Case(
        "custom tags without args around them",
        "<cs:tool_use>\n<name>Read</name>\n<file_path>/a.txt</file_path>\n<limit>3</limit>\n</cs:tool_use>",
        "",
        [read("/a.txt", limit=3)],
    ),
    Case(
        "custom tags with markup in their value",
        "<cs:tool_use>\n<name>Write</name>\n<args>\n<file_path>/i.html</file_path>\n<content><p>Hi <b>you</b></p>\n</content>\n</args>\n</cs:tool_use>",
        "",
        [write("/i.html", "<p>Hi <b>you</b></p>\n")],
    ),
    Case(
        "JSON inside args",
        '<cs:tool_use>\n<name>Read</name>\n<args>\n{"file_path": "/a.txt", "limit": 20}\n</args>\n</cs:tool_use>',
        "",
        [read("/a.txt", limit=20)],
    ),
    Case(
        "JSON inside args with markup in it",
        '<cs:tool_use><name>Write</name><args>{"file_path": "/a.xml", "content": "<args><arg name=\\"x\\">1</arg></args>\\n"}</args></cs:tool_use>',
        "",
        [write("/a.xml", '<args><arg name="x">1</arg></args>\n')],
    ),
    Case(
        "tags in capitals",
        '<CS:TOOL_USE>\n<NAME>Read</NAME>\n<ARGS>\n<ARG name="file_path">/a.txt</ARG>\n</ARGS>\n</CS:TOOL_USE>',
        "",
        [read("/a.txt")],
    ),
    Case(
        "tags in camel case",
        '<cs:Tool_Use>\n<Name>Read</Name>\n<Args>\n<Arg name="file_path">/a.txt</Arg>\n</Args>\n</cs:Tool_Use>',
        "",
        [read("/a.txt")],
    ),
    Case(
        "blank lines and tabs between tags",
        f"<cs:tool_use>\n\n\t<name>Read</name>\n\n\n\t<args>\n\t\t{_PATH}\n\n\t</args>\n\n</cs:tool_use>\n\n\n",
        "",
        [_MAIN],
    ),
    Case(
        "an arg that is not closed before the args' end",
        '<cs:tool_use>\n<name>Read</name>\n<args>\n<arg name="file_path" type="string">/a.txt</args>\n</cs:tool_use>',
        "",
        [read("/a.txt")],
    ),
    Case(
        "an arg that is not closed before the call's end",
        '<cs:tool_use><name>Read</name><args><arg name="file_path" type="string">/a.txt</cs:tool_use>',
        "",
        [read("/a.txt")],
    ),
    Case(
        "the name in another case",
        f"<cs:tool_use><name>read</name><args>{_PATH}</args></cs:tool_use>",
        "",
        [_MAIN],
    ),
    Case(
        "the name with an underscore",
        '<cs:tool_use><name>todo_write</name><args><arg name="todos" type="array">[]</arg></args></cs:tool_use>',
        "",
        [("TodoWrite", {"todos": []})],
    ),
    Case(
        "the name with a prefix",
        f"<cs:tool_use><name>functions.Read</name><args>{_PATH}</args></cs:tool_use>",
        "",
        [_MAIN],
    ),
    Case(
        "the name with one underscore where there are two",
        '<cs:tool_use><name>mcp_github_create_issue</name><args><arg name="owner">a</arg><arg name="repo">b</arg><arg name="title">c</arg></args></cs:tool_use>',
        "",
        [("mcp__github__create_issue", {"owner": "a", "repo": "b", "title": "c"})],
    ),
    Case(
        "one of two names that differ in their writing only",
        '<cs:tool_use><name>getPage</name><args><arg name="url">https://a.example/?q=1&p=2</arg></args></cs:tool_use>',
        "",
        [("getPage", {"url": "https://a.example/?q=1&p=2"})],
    ),
    Case(
        "arguments that the schema does not know",
        f'<cs:tool_use><name>Read</name><args>{_PATH}<arg name="encoding" type="string">utf-8</arg><arg name="raw" type="bool">true</arg></args></cs:tool_use>',
        "",
        [read("/work/app/main.py", encoding="utf-8", raw=True)],
    ),
    Case(
        "a required argument is missing",
        '<cs:tool_use><name>Write</name><args><arg name="file_path" type="string">/a.txt</arg></args></cs:tool_use>',
        "",
        [("Write", {"file_path": "/a.txt"})],
        asks="lacks the arguments content",
    ),
    Case(
        "no argument at all where some are required",
        "<cs:tool_use><name>Read</name><args></args></cs:tool_use>",
        "",
        [("Read", {})],
        asks="lacks the arguments file_path",
    ),
    Case(
        "an argument that has swallowed the next",
        '<cs:tool_use><name>Write</name><args><arg name="file_path">/a<arg name="content">x</arg></args></cs:tool_use>',
        "",
        [("Write", {"file_path": '/a<arg name="content">x'})],
        asks="lacks the arguments content",
    ),
]

_FENCED: Final = [
    Case(
        "in an xml fence",
        f"```xml\n<cs:tool_use>\n<name>Read</name>\n<args>\n{_PATH}\n</args>\n</cs:tool_use>\n```",
        "",
        [_MAIN],
    ),
    Case(
        "in a fence without a language, with text around it",
        f"Let me look:\n\n```\n<cs:tool_use>\n<name>Read</name>\n<args>{_PATH}</args>\n</cs:tool_use>\n```\n\nThen we'll see.",
        "Let me look:Then we'll see.",
        [_MAIN],
    ),
    Case(
        "two in one fence",
        '```xml\n<cs:tool_use>\n<name>Read</name>\n<args><arg name="file_path">/a</arg></args>\n</cs:tool_use>\n<cs:tool_use>\n<name>Read</name>\n<args><arg name="file_path">/b</arg></args>\n</cs:tool_use>\n```\n',
        "",
        [read("/a"), read("/b")],
    ),
    Case(
        "behind a fence that was closed",
        f"The bug is here:\n```python\nreturn a - b\n```\n<cs:tool_use>\n<name>Read</name>\n<args>{_PATH}</args>\n</cs:tool_use>",
        "The bug is here:\n```python\nreturn a - b\n```",
        [_MAIN],
    ),
    Case(
        "with a fence inside a value",
        '<cs:tool_use>\n<name>Write</name>\n<args>\n<arg name="file_path">/README.md</arg>\n<arg name="content" type="string"># Shop\n\n```bash\nnpm install\n```\n</arg>\n</args>\n</cs:tool_use>\nDone.',
        "Done.",
        [write("/README.md", "# Shop\n\n```bash\nnpm install\n```\n")],
    ),
]

CASES: Final = _WELL_FORMED + _TOLERATED + _FENCED
