"""Everything that can go wrong, one class for each thing a caller does about it.

MunimError
├── Refused            show the sentence, change nothing
│   ├── BadInput           the person typed or gave something that cannot be used
│   │   └── BadSetting     an environment variable or setting that cannot be used
│   ├── ApprovalRefused    the click does not match the card that stands now
│   ├── GuardrailRefused   a limit says no
│   ├── IllegalTransition  a lifecycle does not go that way
│   ├── Repeated           the same as before; the person says that it is meant again
│   ├── Unbalanced         a ledger transaction that does not sum to zero
│   └── WrongMarket        a store stamped for one market, opened under another
├── NotFound           nothing by that name; say which names exist
├── NoData             too little history to compute; skip this instrument
├── OutsideCalendar    a date that no loaded calendar covers; stop
├── SourceFailed       a provider could not be asked; retry reads, never writes
│   ├── Throttled          asked too often; wait, then ask again
│   ├── SourceWrong        it answered with what cannot be used; ask another source
│   └── SourceResting      it failed so often that it is left alone; wait or ask another
├── BrokerRefused      a definite no from the broker; do not retry
├── OutcomeUnknown     a write whose result is not known; look up, never resend
├── StoreBusy          another writer held the store; nothing was written, try again
├── SessionDead        the broker session ended; a person logs in
├── CalledOff          a person stopped the work; what was written by then stays
├── LeaseLost          another worker holds the lease; stop at once
├── Tampered           the audit chain or a model file does not match its hash; stop
└── NotBuilt           the verb exists and has nothing behind it yet
"""


class MunimError(Exception):
    """The root; its text is one sentence a person can act on."""


class Refused(MunimError):
    """The request was understood and turned down; nothing changed."""


class BadInput(Refused):
    """What was typed or given cannot be used."""


class BadSetting(BadInput):
    """A setting or environment variable cannot be used."""


class ApprovalRefused(Refused):
    """The click does not match the card as it stands."""


class GuardrailRefused(Refused):
    """A limit turned the order down."""


class IllegalTransition(Refused):
    """A lifecycle does not go that way."""


class Repeated(Refused):
    """The same was done before, and nothing says that it is meant a second time."""


class Unbalanced(Refused):
    """A ledger transaction whose postings do not sum to zero."""


class WrongMarket(Refused):
    """A store stamped for one market was opened under another."""


class NotFound(MunimError):
    """Nothing by that name."""


class NoData(MunimError):
    """Too little history to compute."""


class OutsideCalendar(MunimError):
    """A date that no loaded calendar covers."""


class SourceFailed(MunimError):
    """A provider could not be asked, or answered with something unreadable."""


class Throttled(SourceFailed):
    """A provider was asked too often; `retry_after` is the wait in seconds it asked for."""

    def __init__(self, sentence: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class SourceWrong(SourceFailed):
    """A provider answered with what cannot be used; asking again gives the same."""


class SourceResting(SourceFailed):
    """A provider's circuit breaker is open; nothing was sent."""


class BrokerRefused(MunimError):
    """A definite no from the broker."""


class OutcomeUnknown(MunimError):
    """A broker write whose result is not known."""


class StoreBusy(MunimError):
    """Another writer held the store; nothing was written."""


class StoreUnusable(MunimError):
    """The store's file or server cannot be read; nothing was written."""


class SessionDead(MunimError):
    """The broker session ended."""


class CalledOff(MunimError):
    """A person stopped the work between two steps; what was written by then stays."""


class LeaseLost(MunimError):
    """Another worker holds the lease."""


class Tampered(MunimError):
    """A stored hash does not match what it covers."""


class NotBuilt(MunimError):
    """The verb exists and has nothing behind it yet."""
