#!/usr/bin/env bash
# Grades a submission. Inputs come as variables NETLAB_…, so that nothing in them is read as shell. The exit status is
# pytest's: 0 where every MUST holds, 1 where one does not, 4 where an input is wrong.
set -euo pipefail

wrong() { # wrong INPUT WORDS: an input that cannot be; shown at the top of the run, as 4 says to the shell
    printf '::error title=%s::%s\n' "$1" "$2"
    exit 4
}

cd "$GITHUB_WORKSPACE"
[[ -d $NETLAB_SOLUTIONS ]] || wrong solutions "there is no directory $NETLAB_SOLUTIONS"
[[ $NETLAB_STRICT == true || $NETLAB_STRICT == false ]] || wrong strict "write true or false, not $NETLAB_STRICT"

out=$RUNNER_TEMP/netlab/out
mkdir -p "$out"
options=(
    -p no:cacheprovider -n "$NETLAB_WORKERS"
    # With "=": pytest takes a directory that stands alone for one of tests, and looks there for settings.
    --netlab-solutions="$(realpath "$NETLAB_SOLUTIONS")"
    --netlab-capture-dir="$out/captures" --netlab-json="$out/result.json" --netlab-html="$out/report.html"
    --netlab-report="github=$GITHUB_STEP_SUMMARY"
)
[[ $NETLAB_STRICT == false ]] || options+=(--netlab-strict)
read -ra exercises <<< "${NETLAB_EXERCISE//$'\n'/ }"
for exercise in "${exercises[@]}"; do
    options+=(--netlab-exercise="$exercise")
done
read -ra reports <<< "${NETLAB_REPORTS//$'\n'/ }"
for report in "${reports[@]}"; do
    [[ $report == ?*=?* ]] || wrong reports "write FORMAT=FILE, not $report"
    options+=(--netlab-report="${report%%=*}=$(realpath -m "${report#*=}")")
done
if [[ -e $NETLAB_SUITE ]]; then
    suite=("$(realpath "$NETLAB_SUITE")")
else
    suite=(--pyargs "$NETLAB_SUITE")
fi

# Not in the checkout, whose conftest.py, pytest.ini and modules are the student's.
work=$(mktemp -d "$RUNNER_TEMP/netlab/work.XXXXXX")
cd "$work"
python=$RUNNER_TEMP/netlab/venv/bin/python
status=0
env -u PYTEST_ADDOPTS -u PYTEST_PLUGINS -u PYTHONPATH "$python" -P -m pytest "${suite[@]}" "${options[@]}" || status=$?
if [[ -f $out/result.json ]]; then
    "$python" -I - "$out/result.json" >> "$GITHUB_OUTPUT" << 'END'
import json, sys

with open(sys.argv[1], encoding="utf-8") as file:
    result = json.load(file)
print(f"score={result['score']:g}", f"max-score={result['max_score']:g}", f"result={sys.argv[1]}", sep="\n")
END
fi
exit "$status"
