"""The last look at a publication before it leaves: what no device command may ever be.

Whoever describes devices chooses where our account publishes; the broker's ACL is the
second wall. Source: home.md section 10.3.
"""

from assistant.home.topics import Publication

OWN_TREE = "assistant"
DISCOVERY_TREE = "homeassistant"
_MOST_TOPIC = 256
_MOST_PAYLOAD = 4096
_TASMOTA_SETUP = (
    "otaurl",
    "upgrade",
    "backlog",
    "rule",
    "webpassword",
    "mqtthost",
    "topic",
    "reset",
)


def objection_to(
    publication: Publication, own_tree: str = OWN_TREE, discovery_tree: str = DISCOVERY_TREE
) -> str | None:
    """Why a publication must not be sent, in one sentence; None if it may."""
    topic = publication.topic
    levels = topic.split("/")
    if not topic or len(topic) > _MOST_TOPIC or len(publication.payload.encode()) > _MOST_PAYLOAD:
        return "The topic or the payload has an unusable length."
    if topic.startswith("$") or any(mark in topic for mark in "+#\0"):
        return "The topic holds a wildcard or belongs to the broker."
    if _is_below(topic, own_tree) or _is_below(topic, discovery_tree):
        return "The topic belongs to the assistant itself or to discovery."
    if "bridge" in levels and "request" in levels:
        return "The topic administers a gateway."
    if "cmnd" in levels and levels[-1].casefold().startswith(_TASMOTA_SETUP):
        return "The command changes the setup of a device."
    return None


def _is_below(topic: str, tree: str) -> bool:
    """A tree may have several levels, as in "home/assistant"."""
    return topic == tree or topic.startswith(f"{tree}/")
