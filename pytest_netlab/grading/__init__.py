"""From a submission to verdicts: what runs, what is kept of it, what a clause can come to.

submission   a directory of programs, read as data
scenario     one run of one program against one behaviour of the grader
stage        what a scenario's script can do: start, send, wait, end
evidence     what one run left: the recording, the output, how it ended, what the peers saw
outcome      clauses and the five outcomes
result       verdicts as one JSON document
explain      why a clause failed, as a value that reports render
"""
