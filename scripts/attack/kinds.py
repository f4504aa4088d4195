"""The twenty kinds, by name."""

from collections.abc import Callable, Mapping

from scripts.attack import kinds_forms, kinds_state, kinds_wire
from scripts.attack.bout import Bout

KINDS: Mapping[str, Callable[[Bout], None]] = {
    "fields": kinds_forms.fields,
    "injections": kinds_forms.injections,
    "unicode": kinds_forms.unicode,
    "controls": kinds_forms.controls,
    "duplicates": kinds_forms.duplicates,
    "bodies": kinds_forms.bodies,
    "oversized": kinds_forms.oversized,
    "headers": kinds_wire.headers,
    "methods": kinds_wire.methods,
    "paths": kinds_wire.paths,
    "traversals": kinds_wire.traversals,
    "conditions": kinds_wire.conditions,
    "broken off": kinds_wire.broken_off,
    "smuggled": kinds_wire.smuggled,
    "cookies": kinds_state.cookies,
    "foreign posts": kinds_state.foreign_posts,
    "disorder": kinds_state.disorder,
    "guesses": kinds_state.guesses,
    "replays": kinds_state.replays,
    "reports": kinds_state.reports,
}
