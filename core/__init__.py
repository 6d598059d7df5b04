"""Munim's core, in pipeline order.

    providers → desk.intake      event     what happened, and when we could have known
    tagging                      tag       which share, what kind, which way it leans
    features                     features  the numbers as they stood at that moment
    signals.primary (models)     signal    direction, edge, three probabilities
    signals.meta                 meta      P(the signal is right)
    signals.playbook             playbook  tactical rules for this event in this market
    mandates (portfolio, risk)   allocation  shares per account, every clamp and guardrail
    judge                        verdict   thesis, risks, evidence
    domain.card                  card      what the person sees; hashed
    desk.approve                 approval  one click, one plan
    execution, desk.send         order     committed, then sent once
    desk.settle, treasury        fill      balanced postings; positions are folds
    desk.protect                 protection  a stop read back from the broker
    desk.watch, risk             risk      limits each second, kill levels
    audit, reports               record    hash-chained, explained, reported

`desk.decide.decide` walks event to card; `domain.decision.Decision` holds why each stage said
yes or no.
"""
