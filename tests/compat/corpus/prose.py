"""Replies without calls, which must pass byte for byte."""

from typing import Final

from tests.compat.corpus.case import prose

_PLAIN: Final = [
    prose("a word", "Yes."),
    prose("a paragraph", "The build fails because `tsc` is not on the path.\nRun npm i first.\n"),
    prose("newlines at both ends", "\n\n  Done.  \n\n"),
    prose("carriage returns", "One.\r\n\r\nTwo.\r\n"),
    prose("tabs and trailing spaces", "a\t\n\tb  \nc   "),
    prose("letters of the world", "Grüße, 你好, שלום, नमस्ते, Привет, 👩🏽‍💻 e\u0301 ½ \u00a0."),
    prose("separators", "a\u2028b\u0085c\x0cd\x0be\ufeff"),
    prose("comparisons", "if a<b and c>d or e <= f then x << 3 & 0xff; AT&T &amp; co &lt;"),
    prose("a table", "| a | b |\n|---|---|\n| `<x>` | [y] |\n| {z} | <br> |\n"),
    prose("a list", "1. **One**: a\n   - b\n     * [ ] c\n2. _Two_\n\n> quoted\n> <b>\n\n---\n"),
    prose("mathematics", "\\[ x_{1} = \\frac{a}{b} \\] and $\\{a \\mid a<b\\}$ and $$[0,1]$$\n"),
    prose("an address and a mail", "See <https://a.example/?a=[1]&b={2}> or <me@a.example>.\n"),
    prose("a merge that conflicts", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n"),
    prose("generics in text", "Use Map<String, List<T>> and vector<pair<int,int>>, or Vec<_>.\n"),
]

_CODE: Final = [
    prose(
        "Python in a fence",
        'Here:\n\n```python\ndef f(x: dict) -> None:\n    """Doc <b>."""\n    print(f"{x[\'a\']!r:>10}")\n```\n\nThat is it.\n',
    ),
    prose("JSX in a fence", "```jsx\nconst A = ({ b }) => <><C d={b && <E />} /></>;\n```\n"),
    prose(
        "C++ in a fence",
        "```cpp\n#include <vector>\ntemplate <typename T>\nstd::vector<T> f(std::function<T(int)> g) { return {g(1)}; }\n```",
    ),
    prose(
        "a shell session in a fence",
        '```bash\n$ cat <<EOF > a.json\n{"name": "x", "args": {}}\nEOF\n$ [ -f a.json ] && echo `pwd`\n```\n',
    ),
    prose(
        "HTML in a fence",
        '```html\n<!DOCTYPE html>\n<form><input name="x" value="&lt;"><button type=submit>Go</button></form>\n```\n',
    ),
    prose(
        "XML in a fence",
        '```xml\n<?xml version="1.0"?>\n<tools><tool name="Read"><args><arg name="a">1</arg></args></tool></tools>\n```\n',
    ),
    prose(
        "XML without a fence",
        '<config>\n  <name>Read</name>\n  <args>\n    <arg name="file_path">/a</arg>\n  </args>\n</config>\n',
    ),
    prose(
        "HTML without a fence",
        "<details><summary>More</summary>\n<p>Text &amp; more</p></details>\n",
    ),
    prose("a drawing", '<svg viewBox="0 0 9 9"><path d="M0 0L9 9"/><text>a &lt; b</text></svg>'),
    prose("a diff", "```diff\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-<a>\n+<b>\n```\n"),
    prose("YAML", "```yaml\nname: Read\narguments:\n  file_path: /a\n```\n"),
    prose("a fence that is not closed", "```python\nprint(1)\n"),
    prose("a fence in a list", "1. Do:\n\n   ```sh\n   ls <a >b\n   ```\n\n2. Then.\n"),
    prose("a fence of tildes", '~~~json\n{"a": 1}\n~~~\n'),
    prose("fences in a fence", "````md\n# A\n```js\nlet a = {};\n```\n````\nEnd.\n"),
    prose("an empty fence", "```\n```\n"),
    prose("a fence right behind another", "```js\na\n```\n```css\nb{}\n```\n"),
    prose("backticks in a line", "Use ``a ` b`` and ```c``` and `<cs:tool_result>`.\n"),
    prose("a diagram", "```mermaid\ngraph TD\n  A[Read] -->|x| B{Ok?}\n```\n"),
    prose("INI and TOML", "[tool.ruff]\nline-length = 100\n\n[[a.b]]\nc = [1, 2]\n{}\n"),
    prose(
        "JSON over several lines of a reply",
        'It says\n{\n  "a": [\n    {"b": "}"}\n  ]\n}\nand that is all.\n',
    ),
    prose("Windows' paths", "Look at C:\\Users\\a\\[b]\\{c} and \\\\server\\share.\n"),
]

_TALK_OF_CALLS: Final = [
    prose(
        "our own tag in inline code",
        "To call a tool I would write `<cs:tool_use>` with `<name>` and `<args>` in it.\n",
    ),
    prose(
        "a whole call of ours in inline code",
        'E.g. `<cs:tool_use><name>Read</name><args><arg name="file_path">/a</arg></args></cs:tool_use>`.',
    ),
    prose(
        "tags that begin as ours do",
        "<cs:tool_user> <cs:tool_users> <cs:tools> <cs:tool_uses>x</cs:tool_uses>",
    ),
    prose(
        "tags that begin as others do",
        "<tool_calls> <tool_call_id> <toolbox> <functions> <invoked>",
    ),
    prose("the mark of results in a line", "Results come in <cs:tool_result> tags.\n"),
    prose(
        "the mark of results in inline code",
        '`<cs:tool_result id="1">`\nis how they begin.\n',
    ),
    prose(
        "the mark of results in a fence",
        '```xml\n<cs:tool_result id="1">\nok\n</cs:tool_result>\n```\nThat is the format.\n',
    ),
    prose(
        "a call of ours in a fence, in the middle of a line",
        "```python\nA = '<cs:tool_use><name>Read</name></cs:tool_use>'\n```\n",
    ),
    prose(
        "a test of such a parser",
        '```python\ndef test_calls():\n    assert parse("<tool_call>{}</tool_call>") == []\n    assert parse("[TOOL_CALLS][]") == []\n```\n',
    ),
    prose(
        "a call in thoughts",
        '<think>\nI could write\n<tool_call>\n{"name": "Read", "arguments": {"file_path": "/a"}}\n</tool_call>\nbut need not.\n</think>\n\nNothing to do.\n',
    ),
    prose(
        "a call of ours in thoughts",
        "<think><cs:tool_use><name>list_tabs</name></cs:tool_use></think>It is done.",
    ),
    prose(
        "bare JSON in thoughts",
        '<think>\n{"name": "Read", "arguments": {"file_path": "/a"}}\n</think>\nNo.',
    ),
    prose("thoughts with code", "<think>\nif a<b: `x`\n```py\n1\n</think>\n\nSo: 2.\n"),
    prose("empty thoughts", "<think>\n\n</think>\n\nHello! How can I help?"),
    prose(
        "tokens of DeepSeek",
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>Read<｜tool▁call▁end｜>",
    ),
    prose(
        "a call as Gemma 4 writes it",
        '<|tool_call>call:Read{file_path:<|"|>/a<|"|>}<tool_call|>',
    ),
    prose(
        "a call as Python",
        'Read(file_path="/a")\n[Read(file_path="/a"), Bash(command="ls")]\n',
    ),
    prose("a call in words", "Action: Read\nAction Input: /a\n"),
]

CASES: Final = _PLAIN + _CODE + _TALK_OF_CALLS
