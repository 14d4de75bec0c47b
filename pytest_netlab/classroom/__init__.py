"""Many submissions: what `pytest-netlab grade` does, from a directory of strangers' files to a gradebook.

    handed_in   which submissions there are, and what each holds
    unpack      a zip or tar file as a value, or the reason why it is refused
    job         the job as a value: bytes in, bytes out
    stable      the worker processes of this process, lent to one job at a time; `grade_one`, what executors run
    worker      a worker: has everything imported and an agent ready, forks for each submission
    inner       the forked child: pytest over one submission; the one module here that imports pytest
    executors   threads that wait for local workers; a Dask cluster
    course      the loop: what is done already, what runs, what runs once more, what is written
    shelf       the output directory, one folder a submission; what makes a grading up to date
    row         what a submission comes to, as a line of the gradebook
    gradebook   those lines as CSV
    statistics  what the class got right and wrong
    page        the class page
    progress    how far it is, on a terminal or as plain lines

Rules. One bad submission never stops the class: it gets a row that says why and no mark. Each grading has a process
of its own, so that a crash, a leak or a hang stays in it. A worker grades one submission at a time and a lab belongs
to one program. What this machine did is never held against a student: a grading without a verdict is tried once more.
"""
