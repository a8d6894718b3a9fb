#!/usr/bin/python3
"""Asks ansible-core what it makes of every expression in expressions.yml, and writes expected.json beside it.

Run it with the Python that has ansible-core:  python3 make-oracle.py
What is asked, and why so:
  * expressions: compiled with Ansible's own Jinja2 environment (its filters, tests, undefined type and lazily templated
    variables) and evaluated to the value itself. That is what `when` does, and what a module argument that is one single
    `{{ expression }}` means where its type is kept. Beside the value, the text that the same expression gives inside a
    longer text is kept: it shows what the value does not (5.0 or 5, tuple or list, None).
  * arguments: texts of a playbook, through Templar.template(): there backslashes inside `{{ }}` are doubled first.
  * templates: whole template files, as the action `template` renders them (no doubling, newlines at the end kept).
Errors are kept as kinds, not as messages.
"""
import json
import os

import jinja2
import yaml
from ansible import __version__ as ansible_version
from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible.parsing.dataloader import DataLoader
from ansible.template import AnsibleUndefined, Templar
from ansible.template.vars import AnsibleJ2Vars
from jinja2.exceptions import TemplateSyntaxError, UndefinedError

HERE = os.path.dirname(os.path.abspath(__file__))


def kind_of(error):
    text = str(error)
    # Ansible says "Could not load" for filters and tests alike.
    if "Could not load" in text:
        return "no such filter or test"
    if isinstance(error, (AnsibleUndefinedVariable, UndefinedError)):
        return "E_UNDEFINED"
    if isinstance(error, TemplateSyntaxError) or "template error while templating string" in text:
        return "E_TEMPLATE_SYNTAX"
    return "E_TEMPLATE_TYPE"


def plain(value):
    """The value as JSON can hold it; ints beyond 2**53 as {"int": "…"}."""
    if isinstance(value, AnsibleUndefined):
        str(value)
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else {"int": str(value)}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value]


def evaluate(templar, expression):
    template = templar.environment.compile_expression(expression, undefined_to_none=False)._template
    context = template.new_context(AnsibleJ2Vars(templar, template.globals), shared=True)
    list(template.root_render_func(context))
    return plain(context.vars["result"])


def text_of(templar, source):
    return templar.template(source, convert_data=False, escape_backslashes=False, fail_on_undefined=True)


def main():
    with open(os.path.join(HERE, "expressions.yml")) as file:
        cases = yaml.safe_load(file)
    variables = cases["variables"]
    result = {"ansible-core": ansible_version, "jinja2": jinja2.__version__, "expressions": {}, "arguments": {}, "templates": {}}

    def fresh():
        return Templar(loader=DataLoader(), variables=variables)

    for expression in cases["expressions"]:
        answer = {}
        try:
            answer["value"] = evaluate(fresh(), expression)
        except Exception as error:  # every kind of failure is an answer
            answer["error"] = kind_of(error)
        if "value" in answer:
            try:
                answer["text"] = text_of(fresh(), "<{{ " + expression + " }}>")
            except Exception as error:
                answer["textError"] = kind_of(error)
        result["expressions"][expression] = answer
    for argument in cases["arguments"]:
        result["arguments"][argument] = fresh().template(argument, convert_data=False)
    for name, source in cases["templates"].items():
        try:
            result["templates"][name] = {"text": text_of(fresh(), source)}
        except AnsibleError as error:
            result["templates"][name] = {"error": kind_of(error)}
    with open(os.path.join(HERE, "expected.json"), "w") as file:
        json.dump(result, file, indent=1, ensure_ascii=False)
        file.write("\n")


main()
