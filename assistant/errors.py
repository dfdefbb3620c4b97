"""One family of errors, sorted by what a human can do about them."""


class AssistantError(Exception):
    """The head of the family: a plain sentence, and the remedy in another."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        """The problem, and behind a dash the remedy where there is one."""
        return f"{self.problem} - {self.remedy}" if self.remedy else self.problem


class SettingsError(AssistantError):
    """The configuration cannot be used; `faults` names every place at once (exit code 78)."""

    def __init__(self, faults: tuple[str, ...], remedy: str = "") -> None:
        super().__init__("\n".join(faults), remedy)
        self.faults = faults


class HardwareError(AssistantError):
    """Something that the body needs is absent or stuck; it is tried again with backoff."""


class MicrophoneMissing(HardwareError):
    """No sound comes in."""


class SpeakerMissing(HardwareError):
    """No sound goes out."""


class DetectorUnavailable(HardwareError):
    """The wake word cannot be heard: a model file is absent, altered or unfit."""


class SpeechUnavailable(HardwareError):
    """A part of the offline far end (ears, understanding, voice) is absent or altered."""


class LinkError(AssistantError):
    """The realtime session cannot go on."""


class LinkRefused(LinkError):
    """The far end will not serve these settings (key, model, quota, dialect): never retried."""


class LinkDropped(LinkError):
    """The connection ended or never came about: the next wake word tries again."""


class ProtocolError(LinkError):
    """The two ends do not understand each other."""


class FarEndFault(ProtocolError):
    """The far end broke the protocol."""


class OurFault(ProtocolError):
    """We broke the protocol: a bug of ours."""


class HomeError(AssistantError):
    """The home cannot be reached at all; everything smaller is an outcome, not an error."""


class BrokerUnreachable(HomeError):
    """The MQTT broker cannot be reached or refuses us."""
