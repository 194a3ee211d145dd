"""Checks that a state has exactly one form, and that its choices can be told apart.

Imports this room only.
"""

from __future__ import annotations

from bot.flow.definition import TRIGGER_ALWAYS, TRIGGER_RETURNED, TRIGGER_SILENCE, State
from bot.flow.nodes import Node, Scalar, Table
from bot.flow.normalisation import normalise
from bot.flow.outline import Surroundings
from bot.flow.rules import check_triggers

WAITING_KEYS = ("ask", "choices", "hear", "silence")
_FORM_OF = {"call": "calls", "go": "goes", "return": "returns", "end": "ends"}
_FORMS = (
    "Write exactly one: `ask`, `choices`, `hear` or `silence` with `next`; `next: {always: …}`; "
    "`call` with `next: {returned: …}`; `go`; `return: true`; `end: true`."
)


def check_form(around: Surroundings, key: Scalar, table: Table, state: State) -> None:
    """Note a state with no form or several, and a `next` that does not fit its form."""
    following = table.get("next")
    forms = _forms(table, following)
    if len(forms) != 1:
        found = " and ".join(forms) or "neither waits, passes on, calls, goes, returns nor ends"
        around.findings.note("state-form", key.place, f"The state «{key.text}» {found}.", _FORMS)
        return
    causes = _causes(forms[0], state)
    if following is not None:
        check_triggers(around, state.rules, following, causes, waits=forms[0] == "waits")
    elif causes or forms[0] == "waits":
        triggers = ", ".join(f"`{cause}`" for cause in causes) or "what the person may do"
        around.findings.note(
            "missing-key",
            key.place,
            f"The state «{key.text}» {forms[0]} but has no `next`.",
            f"Add `next:` with {triggers}.",
        )
    if "answer" in table.entries and not (state.choices or state.hear):
        around.findings.note(
            "impossible-answer",
            table.key("answer").place,
            "Nothing in this state gives an answer.",
            "Add `choices` or `hear`, or delete `answer`.",
        )


def _forms(table: Table, following: Node | None) -> list[str]:
    forms = ["waits"] if table.entries.keys() & set(WAITING_KEYS) else []
    if isinstance(following, Table) and TRIGGER_ALWAYS in following.entries:
        forms.append("passes on")
    return forms + [form for word, form in _FORM_OF.items() if word in table.entries]


def _causes(form: str, state: State) -> tuple[str, ...]:
    if form == "waits":
        silence = (TRIGGER_SILENCE,) if state.silence else ()
        return (*(choice.id for choice in state.choices), *state.hear, *silence)
    return {"passes on": (TRIGGER_ALWAYS,), "calls": (TRIGGER_RETURNED,)}.get(form, ())


def check_labels(around: Surroundings, state: State) -> None:
    """Note choices that could not be told apart: labels are typed by hand too."""
    for language in around.languages:
        _check_language(around, state, language)
    for choice in state.choices:
        if choice.id in state.hear:
            around.findings.note(
                "same-name",
                choice.place,
                f"«{choice.id}» is both a choice and a matcher of this state.",
                "Rename the choice.",
            )


def _check_language(around: Surroundings, state: State, language: str) -> None:
    texts = around.messages.messages.texts[language]
    seen: dict[str, str] = {}
    for choice in state.choices:
        folded = normalise(texts.get(choice.label, ""))
        if folded and folded in seen:
            around.findings.note(
                "same-label",
                choice.place,
                f"The choices «{seen[folded]}» and «{choice.id}» have the same label in "
                f"{language}.",
                "Word one of them differently.",
            )
        seen[folded] = choice.id
