"""What readers see of verdicts: the terminal and the page; platform formats beside them.

printable   text from programs and from the wire, made safe and measured
style       colours and glyphs, with their plain fallbacks
hexdump     octets, the wrong ones underlined
sentences   a failure in one sentence
ladder      a conversation as a diagram
terminal    one failure, whole
html        a submission as one self-contained page
"""
