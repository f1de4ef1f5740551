"""The one kind of error that a user's input can cause."""


class InputError(ValueError):
    """Bad input, said in one sentence: what was wrong, where, and what is allowed.

    The command line prints the sentence and ends with exit code 2.
    """
