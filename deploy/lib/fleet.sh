# The local fleet: nodes and the haproxy before them. Sourced after processes.sh.
#
# Node i, from 0: traffic on 8500+2i, operations on 8501+2i, its state in .martlet/node-i. A test's own fleet stands
# elsewhere: MARTLET_FLEET_PORT, MARTLET_FLEET_FIRST and MARTLET_NODES_API say where.

FLEET_PORT=${MARTLET_FLEET_PORT:-8480}
FLEET_FIRST=${MARTLET_FLEET_FIRST:-8500}
NODES_API=${MARTLET_NODES_API:-http://127.0.0.1:8401}
FLEET_URL=http://127.0.0.1:$FLEET_PORT
FLEET_MAX=32
FLEET_DEFAULT=2
# More than a node takes to end: its drain delay, its drain timeout, and a little.
DRAIN_SECONDS=130
HAPROXY_CONFIG=$MARTLET_HOME/haproxy.cfg
HAPROXY_SOCKET=$MARTLET_HOME/run/haproxy.sock

traffic_port() { printf %s $((FLEET_FIRST + 2 * $1)); }
operations_port() { printf %s $((FLEET_FIRST + 2 * $1 + 1)); }

# How many nodes the fleet has, by what deploy/scale has written down.
fleet_size() { cat "$MARTLET_HOME/fleet" 2>/dev/null || printf %s "$FLEET_DEFAULT"; }

# start_node I VERSION PROGRAM: a node that has enrolled before needs no token.
start_node() {
    local i=$1 version=$2 program=$3 data=$MARTLET_HOME/node-$1 token=
    grep -qs '^node ' "$data/node.key" || token=$(mint_join_token)
    # In the environment: everybody on the machine can read a process's arguments.
    MARTLET_JOIN=$token start_process "node-$i" "$version" "$program" serve --control "$NODES_API" \
        --data "$data" --name "node-$i" --listen "127.0.0.1:$(traffic_port "$i")" \
        --operations "127.0.0.1:$(operations_port "$i")"
}

wait_node() { wait_ready "node-$1" 60 "http://127.0.0.1:$(operations_port "$1")/readyz"; }

# write_haproxy_config NODES: requests go where the fewest are open; a node that drains or is not ready gets none.
# Every node that there may ever be has its line, so that a fleet grows and shrinks without a reload.
write_haproxy_config() {
    local nodes=$1 i
    {
        cat <<CONFIG
global
    # A request's head may be 32 KiB, which must fit one buffer beside its rewrites.
    tune.bufsize 65536
    tune.maxrewrite 4096
    # Relative where it can be: the kernel takes no path of more than 107 bytes.
    stats socket unix@$HAPROXY_SOCKET mode 600 level admin expose-fd listeners

defaults
    mode http
    timeout connect 5s
    timeout client 1860s
    timeout server 1860s
    timeout http-request 60s
    timeout http-keep-alive 60s
    option http-no-delay
    option redispatch
    # Only what never reached a node is sent again: a model's answer may have been billed.
    retry-on conn-failure

frontend traffic
    bind 127.0.0.1:$FLEET_PORT
    default_backend nodes

backend nodes
    http-error status 503 content-type application/json hdr martlet-error not_ready hdr retry-after 1 string '{"error":{"message":"no node is ready","type":"server_error","code":"not_ready","param":null}}'
    balance leastconn
    option httpchk GET /readyz
    http-check expect status 200
    default-server check inter 500ms fall 2 rise 1
CONFIG
        for ((i = 0; i < FLEET_MAX; i++)); do
            printf '    server node-%d 127.0.0.1:%d port %d%s\n' "$i" "$(traffic_port "$i")" "$(operations_port "$i")" \
                "$([ "$i" -lt "$nodes" ] || printf ' disabled')"
        done
    } >"$HAPROXY_CONFIG.new"
}

# start_haproxy NODES: a change of the configuration is taken up without a connection lost.
start_haproxy() {
    write_haproxy_config "$1"
    if is_running haproxy && ! cmp -s "$HAPROXY_CONFIG" "$HAPROXY_CONFIG.new"; then
        mv "$HAPROXY_CONFIG.new" "$HAPROXY_CONFIG"
        kill -USR2 "$(pid_of haproxy)"
    else
        mv "$HAPROXY_CONFIG.new" "$HAPROXY_CONFIG"
        start_process haproxy 1 "$(haproxy_program)" -W -db -f "$HAPROXY_CONFIG"
    fi
    wait_for 10 "haproxy takes no connections at $FLEET_URL" "$LOGS/haproxy.log" fleet_answers
}

# Any answer of a node will do: without a key it is 401.
fleet_answers() { [ "$(curl -s -o /dev/null -w '%{http_code}' --max-time 2 "$FLEET_URL/v1/models")" = 401 ]; }

# Debian puts it where only root looks.
haproxy_program() { PATH=$PATH:/usr/sbin command -v haproxy; }

# tell_haproxy COMMAND: by its socket, without a reload: a reload would close callers' idle connections.
tell_haproxy() {
    python3 -c '
import socket, sys
link = socket.socket(socket.AF_UNIX)
link.settimeout(5)
link.connect(sys.argv[1])
link.sendall(sys.argv[2].encode() + b"\n")
print(b"".join(iter(lambda: link.recv(65536), b"")).decode().strip())' "$HAPROXY_SOCKET" "$1"
}

# set_nodes STATE I…: ready, drain or maint, all in one go. haproxy says nothing if it has obeyed.
set_nodes() {
    local state=$1 commands said
    shift
    [ $# -gt 0 ] || return 0
    commands=$(printf "set server nodes/node-%d state $state;" "$@")
    # An empty command after the last `;` would be a question for help.
    said=$(tell_haproxy "${commands%;}") && [ -z "$said" ] \
        || fail 69 "haproxy did not set nodes $* to $state: ${said:-no answer}" "$LOGS/haproxy.log"
}
