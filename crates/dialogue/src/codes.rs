//! The stable codes of this crate's findings, with what they mean.

macro_rules! codes {
    ($($name:ident = $code:literal: $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*
        /// Every code with its meaning, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
    };
}

codes! {
    NAME = "CG0101": "The name cannot be used in expressions: letters, digits and `_`, no word of \
        the language, at most 40 bytes.";
    DUPLICATE = "CG0102": "A name, a choice's value or a key stands twice.";
    CHANNEL = "CG0103": "The channel does not exist.";
    NUMBER = "CG0104": "The value is not a number in the allowed range.";
    SIZE = "CG0105": "The script has more of something than it may have.";
    UNKNOWN_CLASS = "CG0201": "The model has no class of this name.";
    UNKNOWN_ATTRIBUTE = "CG0202": "The class has no attribute of this name to be used so.";
    UNKNOWN_QUEUE = "CG0203": "`routing.xml` has no queue of this name.";
    UNKNOWN_OPERATION = "CG0204": "No wrapper offers an operation of this name.";
    UNKNOWN_PARAMETER = "CG0205": "The operation has no parameter of this name.";
    MISSING_VALUE = "CG0206": "An attribute or parameter that is required has no value.";
    UNKNOWN_RECORDING = "CG0207": "The application has no recorded prompt of this name.";
    UNKNOWN_DATA = "CG0208": "The script has no input or data of this name, or it is of another \
        kind or class.";
    HELD_BY_WRAPPER = "CG0209": "The objects of the class are held by a wrapper and made by its \
        operations alone.";
    UNKNOWN_SCRIPT = "CG0210": "The application has no script of this name.";
    UNCALLABLE = "CG0211": "The script cannot be called from here.";
    UNKNOWN_INPUT = "CG0212": "The called script has no input of this name.";
    CONTACT_ATTRIBUTE = "CG0213": "What is handed over is no value of the contact attribute of \
        this name.";
    UNREACHABLE = "CG0301": "No path from the start leads to the step.";
    LOOP = "CG0302": "A path comes back to a step; each step is walked once.";
    OPEN = "CG0303": "There are answers for which no `next` is taken, or no rule of a table holds.";
    NEVER_TAKEN = "CG0304": "A `next` can never be taken: those before it leave nothing.";
    OVERLAP = "CG0305": "Two rules hold at once in a table of which only one may.";
    RULES = "CG0306": "The rules of a table, or the results of ends, do not fit together.";
    RECURSION = "CG0307": "A script calls itself, by others or not.";
    CHOICES = "CG0401": "The type of the question does not fit its choices or bounds.";
    KEYPAD = "CG0402": "The question cannot be asked on the telephone keypad.";
    TEXT = "CG0403": "The text cannot be said: a value has no words.";
    START = "CG0404": "The script has no such first step.";
    NOT_RECORDED = "CG0405": "On the telephone, this is heard only if a voice says it.";
    SPECIAL = "CG0406": "There is no special answer of this name.";
    UNDO = "CG0409": "It is not said how an action is taken back, or it is never taken back.";
    ROSTER = "CG0410": "The parts of a roster do not fit together, or a step leads into or out of \
        one.";
    PAGE = "CG0411": "The parts of a page do not fit together, or a step leads into one.";
    OVERLAY = "CG0412": "An overlay does not fit the script on which it is put.";
    GOAL = "CG0413": "A goal is named that is not declared, or declared and never reached.";
    INTERRUPT = "CG0414": "A step leads into an interrupt or out of one.";
    WAIT = "CG0415": "A wait has no time, or nobody is there behind it.";
    TEST_STEP = "CG0501": "A test names a step that the script does not have, or that takes no \
        answer.";
    TEST_ACTION = "CG0502": "A test names an action that the script does not have, or does not \
        wait for.";
    TEST_GIVEN = "CG0503": "What a test gives does not fit the inputs and data of the script.";
    TEST_RESULT = "CG0504": "The operation does not give back a result of this name.";
    TEST_EXPECTS = "CG0505": "A test expects what the script can never give.";
    TEST_PLACE = "CG0506": "A test runs on a channel or in a language that the script has not, or \
        at a time that is none.";
    TEST_ANSWER = "CG0601": "In a test, an answer was not taken.";
    TEST_NOT_SENT = "CG0602": "In a test, something became of an action that was not under way.";
    TEST_FAILED = "CG0603": "Something else came of a test than it expects.";
    UNUSED = "CG0701": "Something is read or waited for, and nothing depends on it.";
    LONG_MENU = "CG0702": "A telephone menu has more choices than callers can keep in mind.";
    NO_KEY = "CG0703": "A choice can never be made: it has no key and is not the default.";
    COVERED = "CG0704": "The conditions before this one leave it nothing.";
    NOT_OFFERED = "CG0705": "An answer is compared with a choice that its question does not offer.";
    SILENT = "CG0706": "On the telephone or in messages, nothing is said at this step.";
    SAME_WORDS = "CG0707": "Two choices of a question are shown with the same words.";
    NO_EFFECT = "CG0708": "What is said here is for the telephone, where the script does not run.";
    PRIVATE = "CG0709": "A sensitive value goes out by e-mail or in a message, and no consent is \
        asked before.";
    UNNAMED_ROW = "CG0710": "On the telephone or in messages, nobody learns which row of a roster \
        is asked about.";
    LANGUAGE = "CG0901": "The language does not exist, or the script does not declare it.";
    UNTRANSLATED = "CG0902": "A text is missing in a language that the script declares.";
    UNSPOKEN = "CG0903": "A recording is missing in a language that the script declares.";
}
