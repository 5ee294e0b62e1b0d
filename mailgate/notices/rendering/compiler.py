"""Compiles our own templates so that a notice is rendered in few steps.

What a template includes is put into it, and a sentence is looked up in the `Messages` of the recipient's language.
They are compiled once for all languages. Templates of the operator's have no part in this: these need the sandbox, and
a mistake in them is shown with its file and line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from mailgate.parsers.translations import Translations

_MESSAGES, _PAGE_MESSAGES = "messages", "page_messages"  # variables: what a text and what a page has of them
_CONTEXT_END = "\x04"  # as in gettext's own catalogues
_GETTEXT = frozenset({"_", "gettext", "pgettext"})
_NOT_PUT_IN = (nodes.Block, nodes.Extends, nodes.Macro, nodes.Import, nodes.FromImport)


class Messages(dict[str, str]):
    """The messages of one language that templates have asked for, each by its context, if any, and its English text."""

    def __init__(self, find: Callable[[str, str], str]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, key: str) -> str:
        context, _, message = key.rpartition(_CONTEXT_END)
        text = self[key] = self._find(message, context)
        return text


def list_messages(translations: Translations) -> Mapping[str, Messages]:
    """Returns the variables by which compiled templates translate; a page goes without what has no translation."""

    def for_text(message: str, context: str) -> str:
        return translations.find(message, context) or message

    def for_page(message: str, context: str) -> str:
        return Markup(translations.find(message, context) or (message if context else ""))

    return {_MESSAGES: Messages(for_text), _PAGE_MESSAGES: Messages(for_page)}


class _Steps(NodeTransformer):
    """Puts in what a template includes, and looks up its messages."""

    def __init__(self, environment: Environment, name: str) -> None:
        self._environment = environment
        self._is_page = name.endswith(".html")

    def visit_Include(self, node: nodes.Include) -> nodes.Node:
        """Puts in a template whose name is known; one that only rendering knows is included as ever."""
        name = node.template.value if isinstance(node.template, nodes.Const) else ""
        if not name or name.endswith(".html") != self._is_page:
            return node
        assert self._environment.loader is not None
        source, file, _ = self._environment.loader.get_source(self._environment, name)
        tree = self._environment.parse(source, name, file)
        if next(tree.find_all(_NOT_PUT_IN), None) is not None:
            return node
        return nodes.Scope([self.visit(one) for one in tree.body], lineno=node.lineno)

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        """Looks up a message, and puts in its values; what has a form for several is translated as ever."""
        self.generic_visit(node)
        texts = [one.value for one in node.args if isinstance(one, nodes.Const)]
        if not isinstance(node.node, nodes.Name) or node.node.name not in _GETTEXT or len(texts) < len(node.args):
            return node
        values = [nodes.Pair(nodes.Const(one.key), one.value) for one in node.kwargs]
        if len(texts) > 1:
            values.append(nodes.Pair(nodes.Const("context"), nodes.Const(texts[0])))
        messages = nodes.Name(_PAGE_MESSAGES if self._is_page else _MESSAGES, "load")
        key = nodes.Const(_CONTEXT_END.join(texts))
        return nodes.Mod(nodes.Getitem(messages, key, "load"), nodes.Dict(values), lineno=node.lineno)


class _Generator(CodeGenerator):
    """Generates the code of a template from its simpler tree."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        """Generates the code of a whole template."""
        super().visit_Template(_Steps(self.environment, self.name or "").visit(node), frame)


class OurEnvironment(Environment):
    """Environment of our own templates, which need no sandbox."""

    code_generator_class = _Generator

    def render(self, name: str, values: Mapping[str, Any], messages: Mapping[str, Messages]) -> str:
        """Renders a template; raises what Jinja raises where one is wrong."""
        template = self.get_template(name)
        context = template.new_context({**self.globals, **messages, **values}, shared=True)
        try:
            return self.concat(template.root_render_func(context))
        except Exception:
            self.handle_exception()
