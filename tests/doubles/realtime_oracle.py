"""The types of the `openai` package as a judge of frames: strict, and no unknown field passes."""

import json
from typing import Any, get_args

import pytest

pytest.importorskip("openai", reason="the openai package is the schema oracle of these tests")

from openai.types.beta.realtime import RealtimeClientEvent as BetaClientEvent
from openai.types.beta.realtime import RealtimeServerEvent as BetaServerEvent
from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from openai.types.realtime.realtime_session_create_response import RealtimeSessionCreateResponse
from pydantic import BaseModel, create_model

Models = dict[str, type[BaseModel]]


def _table(union: Any) -> Models:
    members = get_args(get_args(union)[0])
    return {get_args(model.model_fields["type"].annotation)[0]: model for model in members}


def _ga_server_models() -> Models:
    models = _table(RealtimeServerEvent)
    # The union of the package knows no `id`, `object` and `expires_at` of a session.
    for name in ("session.created", "session.updated"):
        fields: Any = {"session": (RealtimeSessionCreateResponse, ...)}
        models[name] = create_model(name.replace(".", "_"), __base__=models[name], **fields)
    return models


GA_CLIENT, GA_SERVER = _table(RealtimeClientEvent), _ga_server_models()
BETA_CLIENT, BETA_SERVER = _table(BetaClientEvent), _table(BetaServerEvent)

FORGOTTEN_BY_GA = ("parallel_tool_calls",)
FORGOTTEN_BY_BETA = ("object", "expires_at")
"""Keys of a session that real services send and the package forgot."""


def check(models: Models, frame: str | None) -> None:
    """Raise `ValidationError` where the package would not send or expect such a frame."""
    assert frame is not None
    kind = json.loads(frame)["type"]
    models[kind].model_validate_json(frame, strict=True, extra="forbid")


def forgive(frame: str | None, *forgotten: str) -> str:
    """Take some keys out of the session of a frame."""
    assert frame is not None
    values = json.loads(frame)
    for key in forgotten:
        values.get("session", {}).pop(key, None)
    return json.dumps(values)
