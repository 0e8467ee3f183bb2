//! The stable codes of this crate's findings, with what they mean.

macro_rules! codes {
    ($($name:ident = $code:literal: $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*
        /// Every code with its meaning, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
    };
}

codes! {
    UNKNOWN_QUEUE = "CQ0101": "A team serves a queue that the file does not declare.";
    UNKNOWN_SCRIPT = "CQ0102": "A queue or number names a dialogue script that the application \
        does not have.";
    UNKNOWN_PROMPT = "CQ0103": "A queue or overflow names a prompt that the application does not \
        have.";
    DUPLICATE = "CQ0104": "Something is declared twice: a reason, pause, disposition, team, \
        number, overflow, purpose, or the title in one language.";
    RESERVED_REASON = "CQ0105": "The reason is one that the system itself gives.";
    NOBODY_SERVES = "CQ0106": "No team serves the queue: whoever waits in it waits in vain.";
    DURATION = "CQ0107": "The value is not a duration such as 20s, 2m or 1h, or out of range.";
    LENGTH = "CQ0108": "The value is not a number of callers from 1 to 10000.";
    NAME = "CQ0109": "The name is too long.";
    NUMBER = "CQ0110": "The value is not a telephone number: digits, after a plus perhaps.";
    IDENTIFIER = "CQ0111": "A skill or contact attribute has a name that expressions cannot use.";
    VALUE = "CQ0112": "The values or the default of a contact attribute do not fit its type.";
    LEVEL = "CQ0113": "A skill is compared with a level that makes the comparison pointless.";
    ORDER = "CQ0114": "A step of `needs` does not come after the one before, or there \
        are too many.";
    PRIORITY = "CQ0115": "`priority-by` names no contact attribute that is a whole number.";
    UNKNOWN_SKILL = "CQ0116": "A queue prefers a skill that the file does not declare.";
    OVERFLOW = "CQ0117": "An overflow is not whole: it lacks its aim or its time, or has one too \
        many.";
    CIRCLE = "CQ0118": "Overflow leads in a circle: nobody would ever be served or let go.";
    HOURS = "CQ0119": "Hours cannot be read, or a queue's hours and its overflow `closed` do not \
        go together.";
    STARVES = "CQ0120": "Nobody in a queue is served as long as anybody waits in another.";
    OUTBOUND = "CQ0121": "A rule of calls that agents make cannot be read: its country, a \
        beginning of numbers, or how often one may be called.";
    NOBODY_MEETS = "CQ0122": "Nobody of those who work here meets what a queue needs.";
    NOBODY_THERE = "CQ0127": "Nobody of those who work here is in a team that serves the queue.";
    UNDECLARED = "CQ0128": "Somebody is in a team, or has a skill, that routing does not declare.";
    PREFERRED_AGENT = "CQ0125": "Nothing says which agent is the preferred one.";
    CAPACITY = "CQ0129": "A contact takes more of an agent than there is, or nothing.";
    CALLBACK = "CQ0140": "A queue calls back for a purpose that there is not, or how often cannot \
        be read, or it is offered to who waits without a prompt or a script.";
    VOICEMAIL = "CQ0150": "A queue takes messages without saying how, or says how and takes none.";
    PHONE_PURPOSE = "CQ0160": "Calls from agents' phones are about a purpose that there is not, or \
        about nothing.";
    DESTINATION = "CQ0170": "An outside number for transfers is none, may not be called, or is one \
        of your own.";
    OVERLAY = "CQ0180": "An overlay does not fit the routing on which it is put.";
    DISPOSITIONS = "CQ0126": "A queue with wrap-up has no dispositions, or one without has some.";
}
