"""Small bundles for tests: flows as YAML, with words, occasions and messages made for them."""

from __future__ import annotations

import re
from functools import cache

import msgspec

from bot.engine.program import Program, compile_program
from bot.flow.loader import load_bundle

_KEY = re.compile(r"\b([a-z_]+\.[a-z_0-9]+)\b")

EVERYWHERE = """\
engawa: 1
flows: {start: front, start_again: front_again, coming_back: back_then,
        crisis_2: crisis_a, crisis_3: crisis_i,
        moved: moved_here, doorstep: at_door, crisis_door: crisis_d}
words:
  human: {flow: human, ja: [人と話す], en: [talk to a person]}
  booking: {flow: human, ja: [予約], en: [booking]}
  back: {action: back, ja: [もどる], en: [back]}
  leave: {flow: leaving, ja: [おわる], en: [leave]}
  erase: {flow: erasing, ja: [消して], en: [erase]}
  language: {flow: tongue, ja: [ことば], en: [language]}
  help: {flow: helping, ja: [たすけて], en: [help]}
  kept: {flow: helping, ja: [何が残っていますか], en: [what is kept]}
  code: {flow: coding, ja: [合言葉], en: [code]}
  cover: {flow: cover, ja: [献立], en: [menu]}
rails: {human: everywhere.button_human, leave: everywhere.button_leave,
        help: everywhere.button_help}
says: {not_understood: everywhere.not_understood, offer_person: everywhere.offer_person,
       stale_tap: everywhere.stale_tap, fault: everywhere.fault,
       nothing_back: everywhere.nothing_back, state_gone: everywhere.state_gone,
       sticker: everywhere.sticker, picture: everywhere.picture, voice: everywhere.voice,
       video: everywhere.video, file: everywhere.file, place: everywhere.place,
       contact_card: everywhere.contact_card, free_text: everywhere.free_text,
       code_missed: everywhere.code_missed, code_slow: everywhere.code_slow}
"""

MATCHERS = """\
engawa: 1
matchers:
  lonely: {contains: {ja: [さみしい], en: [lonely]}, whole: {ja: [夜]}}
  unsure: {whole: {ja: [わからない], en: [not sure]}}
"""

FLOWS = {
    "front": """
entry: hello
answers:
  role: {kind: choice, purpose: choose_words, sensitivity: low, keep: session}
  times: {kind: text, purpose: reflect_back, sensitivity: high, keep: session}
  brief: {kind: text, purpose: answer_now, sensitivity: high, keep: turn}
  days: {kind: text, purpose: reflect_back, sensitivity: high, keep: 2d}
  age: {kind: number, purpose: choose_words, sensitivity: low, keep: session,
        minimum: 1, maximum: 120}
states:
  hello:
    say: front.hello
    ask: front.who
    choices: {own: front.button_own, other: front.button_other,
              unsaid: {label: front.button_unsaid, if: {open: counselors}}}
    answer: role
    next:
      own: when
      other: {to: age, if: {not_answered: times}}
      unsaid: when
  when:
    say: front.when_first
    ask: front.when
    choices: {later: front.button_later, never: front.button_never}
    hear: [lonely, anything]
    answer: times
    silence: {after: 10m, push: false}
    next:
      later: sub
      never: down
      lonely: lonely
      sticker: lonely
      anything: [{to: other_reflect, if: {answer: {role: other}}}, {to: reflect}]
      silence: quiet
  lonely: {say: front.lonely, next: {always: sub}}
  reflect: {say: front.reflect, next: {always: sub}}
  other_reflect: {say: front.other_reflect, next: {always: sub}}
  quiet:
    say: front.quiet
    ask: front.quiet_ask
    choices: {on: front.button_on}
    hear: [lonely]
    silence: {after: 1h, push: true}
    next: {on: when, lonely: lonely, silence: asleep}
  asleep: {say: front.asleep, end: true}
  age:
    ask: front.age
    hear: [unsure, anything]
    answer: age
    next: {anything: brief, unsure: when}
  brief:
    say: front.your_age
    ask: front.brief
    hear: [anything]
    answer: brief
    next: {anything: days}
  days:
    say: front.said_briefly
    ask: front.days
    hear: [anything]
    answer: days
    next: {anything: told, not_understood: told}
  told:
    say: front.told
    choices: {more: front.button_more, deep: front.button_deep, gone: front.button_gone,
              done: front.button_done}
    next: {more: days, deep: down, gone: moved, done: bye}
  down: {call: deep, next: {returned: told}}
  moved: {go: moved_on}
  sub: {call: people, next: {returned: after}}
  after: {ask: front.after, choices: {again: front.button_again}, next: {again: when}}
  bye: {say: front.bye, return: true}
""",
    "people": """
entry: who
answers: {who: {kind: choice, purpose: reflect_back, sensitivity: low, keep: session}}
states:
  who:
    ask: people.who
    choices: {someone: people.button_someone, nobody: people.button_nobody}
    answer: who
    next: {someone: named, nobody: done}
  named: {say: people.named, next: {always: done}}
  done: {return: true}
""",
    "deep": """
entry: down
states:
  down: {call: deep, next: {returned: up}}
  up: {return: true}
""",
    "moved_on": """
entry: here
states:
  here: {ask: moved_on.here, choices: {end: moved_on.button_end}, next: {end: over}}
  over: {return: true}
""",
    "front_again": """
entry: hello
states:
  hello: {ask: front_again.hello, choices: {go: front_again.button_go}, next: {go: front}}
  front: {go: front}
""",
    "back_then": """
entry: hello
states:
  hello:
    ask: back_then.hello
    choices: {on: back_then.button_on, anew: back_then.button_anew}
    next: {on: on, anew: anew}
  on: {do: resume, say: back_then.good, return: true}
  anew: {do: restart, end: true}
""",
    "crisis_a": """
entry: receive
states:
  receive:
    say: crisis_a.received
    ask: crisis_a.ask
    choices: {go_on: crisis_a.button_go_on, stay: crisis_a.button_stay}
    urgent: true
    next: {go_on: done, stay: stay}
  stay: {ask: crisis_a.stay, urgent: true, choices: {go_on: crisis_a.button_go_on},
         next: {go_on: done}}
  done: {return: true}
""",
    "crisis_i": """
entry: receive
states:
  receive: {ask: crisis_i.call, urgent: true, choices: {safe: crisis_i.button_safe},
            next: {safe: done}}
  done: {return: true}
""",
    "crisis_d": """
entry: card
states:
  card: {ask: crisis_d.call, urgent: true, choices: {again: crisis_d.button_again},
         next: {again: card}}
""",
    "moved_here": """
entry: hello
states:
  hello:
    say: moved_here.code
    ask: moved_here.hello
    choices: {on: moved_here.button_on, anew: moved_here.button_anew}
    next: {on: on, anew: anew}
  on: {do: resume, return: true}
  anew: {do: restart, end: true}
""",
    "at_door": """
entry: here
states:
  here: {next: {always: [{to: door, if: {mode: door_only}}, {to: former}]}}
  door: {ask: at_door.door, choices: {tongue: at_door.button_tongue}, next: {tongue: tongue}}
  tongue: {call: tongue, next: {returned: door}}
  former: {ask: at_door.former, choices: {tongue: at_door.button_tongue}, next: {tongue: tongue}}
""",
    "coding": """
entry: here
states:
  here: {next: {always: [{to: show, if: {at: home}}, {to: how}]}}
  show: {ask: coding.code, choices: {on: coding.button_on}, next: {on: done}}
  how: {say: coding.how, next: {always: done}}
  done: {return: true}
""",
    "cover": """
entry: page
states:
  page: {ask: cover.page, rails: false, hear: [anything], next: {anything: page}}
""",
    "human": """
entry: asked
states:
  asked: {do: human_asked, say: human.honest, next: {always: then}}
  then: {ask: human.then, rails: false, choices: {on: human.button_on}, next: {on: done}}
  done: {return: true}
""",
    "leaving": """
entry: bye
states:
  bye: {say: leaving.bye, end: true}
""",
    "erasing": """
entry: sure
states:
  sure: {say: erasing.receipt, ask: erasing.sure, choices: {yes_all: erasing.button_yes,
         nothing: erasing.button_no}, next: {yes_all: gone, nothing: done}}
  gone: {do: erase, end: true}
  done: {return: true}
""",
    "tongue": """
entry: which
states:
  which: {ask: tongue.which, choices: {ja: tongue.button_ja, en: tongue.button_en},
          next: {ja: ja, en: en}}
  ja: {do: {language: ja}, return: true}
  en: {do: {language: en}, say: tongue.changed, return: true}
""",
    "helping": """
entry: numbers
states:
  numbers: {do: booking_asked, ask: helping.numbers, choices: {ok: helping.button_ok},
            next: {ok: done}}
  done: {return: true}
""",
}

TEXTS = {
    "front.reflect": "「{times}」のとき。",
    "front.your_age": "{age}さい",
    "front.said_briefly": "「{brief}」",
    "front.told": "「{days}」 あと{days_left}日",
    "people.named": "{who} {role}",
    "erasing.receipt": "控え {receipt}",
    "moved_here.code": "{return_code}",
    "coding.code": "{return_code}",
    "at_door.door": "{door_link}",
}


def bundle_files(
    flows: dict[str, str] | None = None, texts: dict[str, str] | None = None
) -> dict[str, bytes]:
    """The raw files of a bundle: `flows` and `texts` stand beside or instead of the usual ones."""
    bodies = FLOWS | (flows or {})
    files = {
        f"flows/{name}.yaml": f"engawa: 1\nflow: {name}\nabout: ためし。\n{body}".encode()
        for name, body in bodies.items()
    }
    files["flows/everywhere.yaml"] = EVERYWHERE.encode()
    files["flows/words/matchers.yaml"] = MATCHERS.encode()
    return files | _messages(TEXTS | (texts or {}), *bodies.values(), EVERYWHERE)


def _messages(texts: dict[str, str], *sources: str) -> dict[str, bytes]:
    """A text for each key that the flows name, in two languages."""
    keys = {key for source in sources for key in _KEY.findall(source)}
    files: dict[str, bytes] = {}
    for language in ("ja", "en"):
        for key in sorted(keys):
            file, name = key.split(".")
            path = f"messages/{language}/{file}.yaml"
            line = f'{name}: "{texts.get(key, f"{language} {name}")}"\n'
            files[path] = files.get(path, b"") + line.encode()
    return files


@cache
def program() -> Program:
    """The usual program of these tests."""
    return compile_program(load_bundle(bundle_files()))


def program_of(**flows: str) -> Program:
    """A program with some flows replaced or added."""
    return compile_program(load_bundle(bundle_files(flows)))


def compile_from(flows: dict[str, str], texts: dict[str, str]) -> Program:
    """As `program_of`, with texts of one's own by key, the same in each language."""
    return compile_program(load_bundle(bundle_files(flows, texts)))


def narrowed(program_: Program, flow: str, state: str) -> Program:
    """The program with only the first rule of a state: what the loader would refuse."""
    found = program_.bundle.flows[flow]
    less = msgspec.structs.replace(found.states[state], rules=found.states[state].rules[:1])
    whole = msgspec.structs.replace(found, states={**found.states, state: less})
    flows = {**program_.bundle.flows, flow: whole}
    return compile_program(msgspec.structs.replace(program_.bundle, flows=flows))
