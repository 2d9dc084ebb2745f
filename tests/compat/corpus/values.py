"""Values of arguments: their bytes, their types, and what is written around them."""

from typing import Any, Final

from tests.compat.corpus.case import Case, bash, read, write


def _tagged(name: str, argument: str, key: str, value: Any) -> Case:
    """Give a call of `configure` in our own grammar with this argument."""
    output = f"<cs:tool_use>\n<name>configure</name>\n<args>\n{argument}\n</args>\n</cs:tool_use>"
    return Case(name, output, "", [("configure", {key: value})])


def _typed(name: str, key: str, said: str, value: Any, type_: str = "") -> Case:
    """Give a call of `configure` with one value in it, and perhaps a type."""
    attribute = f' type="{type_}"' if type_ else ""
    return _tagged(name, f'<arg name="{key}"{attribute}>{said}</arg>', key, value)


def _json(name: str, key: str, said: str, value: Any) -> Case:
    """Give a call of `configure` as JSON with one value in it."""
    output = f'<tool_call>\n{{"name": "configure", "arguments": {{"{key}": {said}}}}}\n</tool_call>'
    return Case(name, output, "", [("configure", {key: value})])


def _written(name: str, content: str, said: str | None = None) -> Case:
    """Give a call of Write with this content, which is said as it is or otherwise."""
    output = (
        '<cs:tool_use>\n<name>Write</name>\n<args>\n<arg name="file_path" type="string">/f</arg>\n'
        f'<arg name="content" type="string">{content if said is None else said}</arg>\n'
        "</args>\n</cs:tool_use>"
    )
    return Case(name, output, "", [write("/f", content)])


_PYTHON: Final = '''\
"""Doc."""
import re

PATTERN = re.compile(r"<(\\w+)\\s*/?>|&(#\\d+|\\w+);")


def f(a: dict[str, int], b=None) -> bool:
    """Say if a < b & c."""
    return bool(a) and a["x"] < 3 and not (b is None)  # "it's"
'''

_JSX: Final = """\
export function List<T extends { id: string }>({ items }: Props<T>) {
  return items.length > 0 && (
    <ul className="list">
      {items.map((item) => <Row key={item.id} {...item} />)}
    </ul>
  );
}
"""

_HEREDOC: Final = """\
#!/usr/bin/env bash
set -euo pipefail
cat <<'EOF' | tee "$HOME/.config/x.json" >/dev/null
{"a": "b && c", "d": [1, 2]}
EOF
[[ $1 =~ ^<.*>$ ]] && echo "ok" || exit 1
"""

_XML: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- args: see </name> -->
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <name>shop &amp; co</name>
  <args><arg name="x" type="string">1</arg>-</args>
</project>
"""

_STRINGS: Final = [
    _written("a module of Python", _PYTHON),
    _written("a component with generics", _JSX),
    _written("a script with a heredoc", _HEREDOC),
    _written("XML with tags of ours", _XML),
    _written("whitespace at both ends", "\n\n  indented\t\n   "),
    _written("nothing but whitespace", "  \n\t "),
    _written("nothing", ""),
    _written("carriage returns", "a\r\nb\r\n\r\nc\r\n"),
    _written("tabs and trailing spaces", "a:\n\tb  \n\t\tc \t\nd   \n"),
    _written(
        "emoji, letters that combine, right to left",
        "👩‍👩‍👧‍👦 e\u0301 ﷽ שלום 🇳🇴 \u200bx\u00a0y\ufeff",
    ),
    _written("separators that are no line's end", "a\u2028b\u2029c\u0085d\x0be\x0cf"),
    _written("a path of Windows", "C:\\new\\table\\readme.txt"),
    _written("backslashes and quotes", 'printf "%s\\n" "\\"a\\"" \'b\' `c` \\\\ \\u0041'),
    _written("JSON", '{\n  "a": ["<b>", "&lt;"],\n  "c": null\n}\n'),
    _written("a number", "007"),
    _written("a word of JSON", "null"),
    _written("SQL and comparisons", "SELECT * FROM t WHERE a<b AND c>=d AND e<>f;"),
    _written("a literal </arg>", "The value ends at </arg> only when something follows.\n"),
    _written("a literal </arg> before other markup", "<arg>x</arg> </b>\n"),
    _written("a literal </args>", "a </args> b"),
    _written("a fence and a marker of others", '```json\n{"a": 1}\n```\n<tool_call>\n'),
    _written("a think block", "<think>\nno\n</think>\n"),
    _written("a call of Mistral's", '[TOOL_CALLS][{"name": "x"}]'),
    _written("a regex", r"^(?:[^<>&\"']|<(?!/?arg\b)[^>]*>)*$"),
    _written("TeX", r"\frac{a}{b} & \alpha \\ \[x^2\] $y_1$"),
    _written("angle brackets alone", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n"),
    _written("a template of Vue", '<p v-if="a && b > 0" @click="go()">{{ a | f }}</p>'),
    _written("PHP", "<?php if ($a->b <= 3 && !$c): ?>\n<b><?= h($d) ?></b>\n<?php endif; ?>\n"),
    _typed("the schema says string, the type says integer", "text", "5", "5", "integer"),
    _typed(
        "the schema says string, the type says object", "text", '{"a": 1}', '{"a": 1}', "object"
    ),
    _typed("the schema says string, the type says null", "text", "null", "null", "null"),
    _typed("a value of an enum with space around it", "level", "\n  info\n", "info", "string"),
    _typed("a value that is in no enum", "level", " loud ", " loud ", "string"),
    Case(
        "one of an enum, exactly",
        '<cs:tool_use><name>Grep</name><args><arg name="pattern"> TODO </arg><arg name="output_mode"> count </arg></args></cs:tool_use>',
        "",
        [("Grep", {"pattern": " TODO ", "output_mode": "count"})],
    ),
    Case(
        "an edit of indented lines",
        '<cs:tool_use>\n<name>Edit</name>\n<args>\n<arg name="file_path" type="string">/a.py</arg>\n<arg name="old_string" type="string">        if x:\n            return</arg>\n<arg name="new_string" type="string">        if x is not None:\n            return\n</arg>\n<arg name="replace_all" type="bool">False</arg>\n</args>\n</cs:tool_use>',
        "",
        [
            (
                "Edit",
                {
                    "file_path": "/a.py",
                    "old_string": "        if x:\n            return",
                    "new_string": "        if x is not None:\n            return\n",
                    "replace_all": False,
                },
            )
        ],
    ),
]

_ENTITIES: Final = [
    _written(
        "an entity comes first: all are decoded", "a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"
    ),
    _written("every entity", "<>&\"''\"", "&lt;&gt;&amp;&quot;&apos;&#39;&#34;"),
    _written("decoded once only", "&lt;p&gt; &amp;", "&amp;lt;p&amp;gt; &amp;amp;"),
    _written("a bare < comes first: nothing is decoded", "if (a<b && c) &lt;"),
    _written("a bare & comes first: nothing is decoded", "AT&T &lt;b&gt;"),
    _written("an entity that is not in the list comes first", "&nbsp;&lt;p&gt;"),
    _written("a page of HTML with entities", "<p>1 &lt; 2 &amp;&amp; 3 &gt; 2</p>\n"),
    _written("an address", "https://a.example/?a=1&b=2&lt=3"),
    _written(
        "a whole element, escaped", '<a href="x">y</a>', "&lt;a href=&quot;x&quot;&gt;y&lt;/a&gt;"
    ),
    _written("escaped first, bare later", "<b> & <i>", "&lt;b&gt; & <i>"),
    _tagged(
        "entities in a value that is an attribute",
        '<arg name="text" type="string" value="a &lt; &quot;b&quot;"/>',
        "text",
        'a < "b"',
    ),
    _typed("entities around JSON", "tags", "[&quot;a&quot;, &quot;b&quot;]", ["a", "b"], "array"),
    Case(
        "JSON has no entities",
        '<tool_call>{"name": "Write", "arguments": {"file_path": "/f", "content": "&lt;b&gt; &amp;"}}</tool_call>',
        "",
        [write("/f", "&lt;b&gt; &amp;")],
    ),
]

_CDATA: Final = [
    _written("CDATA", "if (a < b && c) {}\n", "<![CDATA[if (a < b && c) {}\n]]>"),
    _written("CDATA with entities", "&lt;p&gt; &amp;", "<![CDATA[&lt;p&gt; &amp;]]>"),
    _written("CDATA on lines of its own", "\na\n", "\n<![CDATA[\na\n]]>"),
    _written("CDATA with space behind it", "a\n", "<![CDATA[a\n]]>\n"),
    _written("CDATA with nothing in it", "", "<![CDATA[]]>"),
    _written("CDATA in CDATA", "<![CDATA[x]]>", "<![CDATA[<![CDATA[x]]]]><![CDATA[>]]>"),
    _written(
        "tags of ours in CDATA",
        'a</arg><arg name="x">b</arg>\n</args></cs:tool_use>',
        '<![CDATA[a</arg><arg name="x">b</arg>\n</args></cs:tool_use>]]>',
    ),
    _written("CDATA that does not begin the value", "x <![CDATA[y]]> z"),
    _written("XML that holds CDATA", "<script>\n<![CDATA[ if (a < b) {} ]]>\n</script>\n"),
    _typed("CDATA around a number", "retries", "<![CDATA[5]]>", 5, "integer"),
]

_SCALARS: Final = [
    _typed("integer", "retries", "42", 42, "integer"),
    _typed("integer with space around it", "retries", "\n  42\n", 42, "integer"),
    _typed("integer with a type of another", "retries", "42", 42, "string"),
    _typed("integer without a type", "retries", "-3", -3),
    _typed("integer as a decimal", "retries", "5.0", 5, "number"),
    _typed("integer beyond what a float holds", "retries", "9007199254740993", 9007199254740993),
    _typed("number", "ratio", "0.7", 0.7, "float"),
    _typed("number that is whole", "ratio", "3", 3.0, "number"),
    _typed("number with an exponent", "ratio", "-1.5e3", -1500.0, "f64"),
    _typed("true", "enabled", "true", True, "boolean"),
    _typed("True", "enabled", "True", True, "bool"),
    _typed("FALSE", "enabled", "FALSE", False),
    _typed("1 for true", "enabled", "1", True, "boolean"),
    _typed("no for false", "enabled", " no ", False, "boolean"),
    _typed("null", "nothing", "null", None, "null"),
    _typed("None", "nothing", "None", None),
    _typed("an enum of integers", "priority", "2", 2, "integer"),
    _typed("string or null: null", "title", "null", None),
    _typed("string or null: text", "title", "null and void", "null and void"),
    _typed("string or null: the type says string", "title", "null", "null", "string"),
    _typed("string or null: space is kept", "title", " a ", " a "),
    _typed("integer or null: a number", "size", "12", 12, "number"),
    _typed("integer or null: null", "size", "null", None, "null"),
    _typed("integer or null: nothing", "size", "", None),
    _typed("a list of types: the type says integer", "label", "7", 7, "integer"),
    _typed("a list of types: no type is a string", "label", "7", "7"),
    _typed("a list of types without string: a number", "count", "7", 7),
    _typed("a list of types without string: None", "count", "None", None),
    _typed("integer or boolean: false", "switch", "false", False),
    _typed("integer or boolean: a number", "switch", "12", 12),
]

_TYPES: Final = [
    _typed("not in the schema: string", "extra", " 5 ", " 5 "),
    _typed("not in the schema: string, said", "extra", "true", "true", "string"),
    _typed("not in the schema: int", "extra", "5", 5, "int"),
    _typed("not in the schema: usize", "extra", "5", 5, "usize"),
    _typed("not in the schema: Integer", "extra", "5", 5, "Integer"),
    _typed("not in the schema: double", "extra", "2.5", 2.5, "double"),
    _typed("not in the schema: bool", "extra", "false", False, "bool"),
    _typed("not in the schema: list", "extra", '[1, "a"]', [1, "a"], "list"),
    _typed("not in the schema: dict", "extra", '{"a": {"b": []}}', {"a": {"b": []}}, "dict"),
    _typed("not in the schema: json", "extra", '{"a": 1}', {"a": 1}, "json"),
    _typed("not in the schema: null", "extra", "", None, "null"),
    _typed("no type in the schema: string", "anything", "5", "5"),
    _typed("no type in the schema: the attribute decides", "anything", "5", 5, "integer"),
]

_STRUCTURES: Final = [
    _typed("an array", "tags", '["a", "b c"]', ["a", "b c"], "array"),
    _typed("an array, the type says string", "tags", '["a"]', ["a"], "string"),
    _typed("a single value for an array", "tags", "urgent", ["urgent"], "array"),
    _typed("a single number for an array", "codes", "5", [5]),
    _typed("an array of numbers as strings", "codes", '["1", 2, "3.0"]', [1, 2, 3], "array"),
    _typed("an empty array", "codes", "[]", [], "list"),
    _typed(
        "an array of arrays", "matrix", '[[1, 2.5], ["3", 4]]', [[1.0, 2.5], [3.0, 4.0]], "array"
    ),
    _typed("an array over lines", "tags", '\n  [\n    "a",\n    "b"\n  ]\n', ["a", "b"], "array"),
    _typed("an array with a trailing comma", "codes", "[1, 2,]", [1, 2], "array"),
    _typed("an array as Python writes it", "tags", "['it', 'x y']", ["it", "x y"], "array"),
    _typed(
        "an object as Python writes it",
        "limits",
        "{'max': 5, 'burst': True}",
        {"max": 5, "burst": True},
    ),
    _typed("an object without its end", "limits", '{"max": 5', {"max": 5}, "object"),
    _typed(
        "inner values by the inner schema",
        "limits",
        '{"max": "10", "burst": "false", "window": {"seconds": "1.5"}}',
        {"max": 10, "burst": False, "window": {"seconds": 1.5}},
        "object",
    ),
    _typed("inner values behind allOf", "window", '{"seconds": "60"}', {"seconds": 60.0}, "map"),
    _typed(
        "inner values two deep",
        "place",
        '{"name": 5, "at": {"x": "1", "y": 2}}',
        {"name": "5", "at": {"x": 1, "y": 2}},
        "object",
    ),
    _typed("string or array: an array", "files", '["a.py", "b.py"]', ["a.py", "b.py"]),
    _typed("string or array: text", "files", "a.py", "a.py"),
    _typed(
        "string or array: text that begins as an array", "files", "[draft] a.py", "[draft] a.py"
    ),
    _typed("string or array: the type says string", "files", '["a.py"]', '["a.py"]', "string"),
    _typed("string or object: an object", "filter", '{"a": 1}', {"a": 1}),
    _typed("string or object: text", "filter", "{a} or b", "{a} or b"),
    Case(
        "a payload of any shape",
        '<cs:tool_use><name>send_event</name><args><arg name="name">x</arg><arg name="payload" type="object">{"n": "5", "l": [null, true, 1e2], "o": {"": "<b>"}}</arg></args></cs:tool_use>',
        "",
        [
            (
                "send_event",
                {"name": "x", "payload": {"n": "5", "l": [None, True, 100.0], "o": {"": "<b>"}}},
            )
        ],
    ),
]

_JSON: Final = [
    _json("JSON: a string for an integer", "retries", '"42"', 42),
    _json("JSON: a decimal for an integer", "retries", "5.0", 5),
    _json("JSON: a string for a number", "ratio", '"0.25"', 0.25),
    _json("JSON: a string for a boolean", "enabled", '"true"', True),
    _json("JSON: a string for an array", "codes", '"[1, 2]"', [1, 2]),
    _json("JSON: a string for an object", "limits", r'"{\"max\": 3}"', {"max": 3}),
    _json("JSON: a single string for an array", "tags", '"urgent"', ["urgent"]),
    _json("JSON: a single number for an array", "codes", "404", [404]),
    _json("JSON: a number for a string", "text", "42", "42"),
    _json("JSON: a boolean for a string", "text", "true", "true"),
    _json("JSON: an array for a string", "text", "[7]", "[7]"),
    _json(
        "JSON: inner values by the inner schema",
        "limits",
        '{"max": "7", "burst": "no"}',
        {"max": 7, "burst": False},
    ),
    _json("JSON: null where it may be", "title", "null", None),
    _json("JSON: a string stays a string", "title", '"null"', "null"),
    _json("JSON: an array where it may be", "files", '["a"]', ["a"]),
    _json("JSON: not in the schema", "extra", '[1, "2", {"a": null}]', [1, "2", {"a": None}]),
    _json("JSON: no type in the schema", "anything", '"5"', "5"),
    _json("JSON: an empty string", "text", '""', ""),
    _json("JSON: whitespace in a string", "text", r'" \n a\t\r\n"', " \n a\t\r\n"),
    _json("JSON: a whole number where a number may be", "ratio", "3", 3.0),
    Case(
        "JSON: a file that is JSON, said as an object",
        '<tool_call>{"name": "Write", "arguments": {"file_path": "/a.json", "content": {}}}</tool_call>',
        "",
        [write("/a.json", "{}")],
    ),
    Case(
        "JSON: todos as a string",
        r'<tool_call>{"name": "TodoWrite", "arguments": {"todos": "[{\"content\": \"A\", \"status\": \"pending\", \"activeForm\": \"B\"}]"}}</tool_call>',
        "",
        [("TodoWrite", {"todos": [{"content": "A", "status": "pending", "activeForm": "B"}]})],
    ),
    Case(
        "parameters: types by the schema",
        "<function=configure>\n<parameter=retries>\n3\n</parameter>\n<parameter=enabled>\nfalse\n</parameter>\n<parameter=codes>\n[1, 2]\n</parameter>\n<parameter=text>\n1\n</parameter>\n</function>",
        "",
        [("configure", {"retries": 3, "enabled": False, "codes": [1, 2], "text": "1"})],
    ),
    Case(
        "parameters: what is not in the schema is a string",
        '<invoke name="Bash"><parameter name="command">ls</parameter><parameter name="cwd">7</parameter></invoke>',
        "",
        [bash("ls", cwd="7")],
    ),
    Case(
        "parameters: a number that is said as a decimal",
        "<function=Read>\n<parameter=file_path>\n/a\n</parameter>\n<parameter=limit>\n10.0\n</parameter>\n</function>",
        "",
        [read("/a", limit=10)],
    ),
]

CASES: Final = _STRINGS + _ENTITIES + _CDATA + _SCALARS + _TYPES + _STRUCTURES + _JSON
