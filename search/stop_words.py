"""Words of English that say nothing about what a query seeks.

They are ignored in ranking while other words remain, see `search.ranking.telling`. Every one of
them is in the index, and in a phrase it counts. Spared, because they are names in the news:
us, un, who, may, and all numbers.
"""

STOP_WORDS = frozenset(
    """
    a an the this that these those such some any each every either neither both all another
    other others none no nobody nothing anybody anyone anything everybody everyone everything
    somebody someone something somewhere anywhere everywhere nowhere own same several few i me
    my mine myself we our ours ourselves you your yours yourself yourselves he him his himself
    she her hers herself it its itself they them their theirs themselves
    what whatever which whichever whom whose whoever where wherever when whenever why how
    however whether
    about above across after against along among amongst around as at before behind below
    beneath beside besides between beyond by despite down during except for from in inside into
    near of off on onto out outside over per since through throughout to toward towards under
    until till unto up upon via with within without regarding concerning according
    and but or nor so yet if unless because although though while whereas than then thus hence
    therefore thereby moreover furthermore otherwise meanwhile nevertheless nonetheless instead
    rather indeed also too else not
    am is are was were be been being do does did doing done have has had having can cannot could
    might must shall should will would ought let lets get gets got getting become becomes became
    seem seems seemed go goes going gone make makes made making take takes took taken taking
    come comes came give gives gave given know knows known knew say says said saying tell see
    seen want wants wish like liked need needs use used uses using try tried keep kept look
    looking
    don doesn didn isn aren wasn weren haven hasn hadn won wouldn couldn shouldn ain ll ve re d
    m s t dont doesnt didnt isnt arent wasnt werent cant wont im ive youre theyre thats
    very much many more most less least lot lots quite just only even ever never always often
    sometimes usually already again once twice still soon now nowadays here there hereby herein
    almost nearly perhaps maybe probably possibly certainly clearly actually really simply
    mainly mostly particularly especially generally currently recently formerly well enough
    together apart away back further elsewhere likely unlikely able unable far
    please thank thanks hello yes ok okay etc eg ie vs viz example appropriate available certain
    different various particular possible specific respective respectively corresponding
    relevant associated considered consider considering contain containing contains follow
    following follows include includes including indicate indicated indicates specified specify
    described describe
    """.split()  # noqa: SIM905 - four hundred quoted words in a column are no easier to read
)
