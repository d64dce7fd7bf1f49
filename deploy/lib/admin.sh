# The admin API for scripts: one call, one field of its answer. Sourced after shell.sh.

CONTROL_URL=http://127.0.0.1:8400

# admin TOKEN METHOD PATH [JSON]: prints the answer; fails with the server's own words. No token on a command line.
admin() {
    local token=$1 method=$2 path=$3 body=${4:-} answer
    answer=$(curl -sS --fail-with-body --max-time 30 -X "$method" "$CONTROL_URL/v1/$path" \
        -H @<(printf 'authorization: Bearer %s\n' "$token") ${body:+-H 'content-type: application/json' -d "$body"}) \
        || fail 69 "$method /v1/$path: $answer" "$LOGS/control.log"
    printf '%s\n' "$answer"
}

# field EXPRESSION: of the JSON on standard input, a Python expression over `it`.
field() {
    python3 -c '
import json, sys
text = sys.stdin.read()
if not text:
    sys.exit(1)  # The call before has failed and said why.
it = json.loads(text)
print(eval(sys.argv[1]))' "$1"
}
