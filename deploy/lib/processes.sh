# Long-running processes that deploy scripts start: one pid file and one log file each. Sourced after shell.sh.
#
# A pid counts only while it still runs what was started: the file's second line is the process's own start time.

RUN=$MARTLET_HOME/run
LOGS=$MARTLET_HOME/log

# The kernel's start time of a process, in ticks since boot; the name before it may hold spaces, so count after it.
started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

pid_of() { [ ! -f "$RUN/$1.pid" ] || sed -n 1p "$RUN/$1.pid"; }

is_running() {
    local pid
    pid=$(pid_of "$1")
    [ -n "$pid" ] && [ "$(started_at "$pid")" = "$(sed -n 2p "$RUN/$1.pid")" ]
}

# start_process NAME VERSION COMMAND…: leaves alone what already runs that version, replaces any other.
start_process() {
    local name=$1 version=$2 pid
    shift 2
    if is_running "$name"; then
        [ "$(sed -n 3p "$RUN/$name.pid")" != "$version" ] || return 0
        note "$name runs an older version: restarting it"
        stop_process "$name"
    fi
    mkdir -p "$RUN" "$LOGS"
    (close_files && exec setsid "$@") >>"$LOGS/$name.log" 2>&1 </dev/null &
    pid=$!
    printf '%s\n%s\n%s\n' "$pid" "$(started_at "$pid")" "$version" >"$RUN/$name.pid"
    disown "$pid"
}

# What goes on running keeps none of the caller's files open: neither a lock nor a pipe that somebody reads to its end.
close_files() {
    local path descriptor
    for path in /proc/self/fd/*; do
        descriptor=${path##*/}
        [ "$descriptor" -le 2 ] || eval "exec $descriptor>&-"
    done
}

signal_process() { ! is_running "$1" || kill -TERM "$(pid_of "$1")"; }

# Asks first, and insists after the time that an orderly end may take.
stop_process() {
    local name=$1 seconds=${2:-30} end
    if is_running "$name"; then
        signal_process "$name"
        end=$((SECONDS + seconds))
        while is_running "$name" && [ "$SECONDS" -lt "$end" ]; do sleep 0.1; done
        if is_running "$name"; then
            note "$name did not end within $seconds s: killing it (log: $LOGS/$name.log)"
            kill -KILL "$(pid_of "$name")"
        fi
    fi
    rm -f "$RUN/$name.pid"
}

# wait_ready NAME SECONDS URL: polls; a process that has ended meanwhile is not waited for.
wait_ready() {
    local name=$1 seconds=$2 url=$3 end
    end=$((SECONDS + seconds))
    until curl -fsS --max-time 2 "$url" >/dev/null 2>&1; do
        is_running "$name" || fail 69 "$name has ended before it was ready" "$(last_words "$name")"
        [ "$SECONDS" -lt "$end" ] || fail 69 "$name is not ready within $seconds s ($url)" "$(last_words "$name")"
        sleep 0.1
    done
    is_running "$name" || fail 69 "$name has ended, and something else answers at $url" "$(last_words "$name")"
}

last_words() {
    printf '%s, which ends with:\n' "$LOGS/$1.log"
    tail -n 5 "$LOGS/$1.log" 2>/dev/null | sed 's/^/    /'
}
