# The local fleet: nodes and the haproxy before them. Sourced after processes.sh.
#
# Node i, from 0: traffic on 8500+2i, operations on 8501+2i, its state in .martlet/node-i.

FLEET_URL=http://127.0.0.1:8480
HAPROXY_CONFIG=$MARTLET_HOME/haproxy.cfg

# start_node I VERSION PROGRAM: a node that has enrolled before needs no token.
start_node() {
    local i=$1 version=$2 program=$3 data=$MARTLET_HOME/node-$1 token=
    grep -qs '^node ' "$data/node.key" || token=$(mint_join_token)
    # In the environment: everybody on the machine can read a process's arguments.
    MARTLET_JOIN=$token start_process "node-$i" "$version" "$program" serve --control http://127.0.0.1:8401 \
        --data "$data" --name "node-$i" --listen "127.0.0.1:$((8500 + 2 * i))" \
        --operations "127.0.0.1:$((8501 + 2 * i))"
}

wait_node() { wait_ready "node-$1" 60 "http://127.0.0.1:$((8501 + 2 * $1))/readyz"; }

# write_haproxy_config NODES: requests go where the fewest are open; a node that drains or is not ready gets none.
write_haproxy_config() {
    local nodes=$1 i
    {
        cat <<'CONFIG'
global
    # A request's head may be 32 KiB, which must fit one buffer beside its rewrites.
    tune.bufsize 65536
    tune.maxrewrite 4096

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
    bind 127.0.0.1:8480
    default_backend nodes

backend nodes
    http-error status 503 content-type application/json hdr martlet-error not_ready hdr retry-after 1 string '{"error":{"message":"no node is ready","type":"server_error","code":"not_ready","param":null}}'
    balance leastconn
    option httpchk GET /readyz
    http-check expect status 200
    default-server check inter 500ms fall 2 rise 1
CONFIG
        for ((i = 0; i < nodes; i++)); do
            printf '    server node-%d 127.0.0.1:%d port %d\n' "$i" $((8500 + 2 * i)) $((8501 + 2 * i))
        done
    } >"$HAPROXY_CONFIG.new"
    mv "$HAPROXY_CONFIG.new" "$HAPROXY_CONFIG"
}

# start_haproxy NODES: a change of the configuration is taken up without a connection lost.
start_haproxy() {
    local before
    before=$(cat "$HAPROXY_CONFIG" 2>/dev/null || true)
    write_haproxy_config "$1"
    if is_running haproxy && [ "$before" != "$(cat "$HAPROXY_CONFIG")" ]; then
        kill -USR2 "$(pid_of haproxy)"
    else
        start_process haproxy 1 "$(haproxy_program)" -W -db -f "$HAPROXY_CONFIG"
    fi
}

# Debian puts it where only root looks.
haproxy_program() { PATH=$PATH:/usr/sbin command -v haproxy; }
