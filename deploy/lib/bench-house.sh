# What a benchmark or a soak runs: a provider, a control plane, one node and (for a benchmark) nginx, all on free ports of
# this machine and in $MARTLET_HOME, which is a temporary folder. Sourced after processes.sh and build.sh.

# What imports deploy/lib/house.py leaves nothing beside it.
export PYTHONDONTWRITEBYTECODE=1

# The proxies have a core to themselves; whatever drives or feeds them has the other.
PROXY_CORE=0
LOAD_CORE=1

PROGRAMS=(martlet-control martlet-node martlet martlet-simulator)

# read_options SCRIPT OPTION…: what all of these commands know is taken here; OPTIONS is the rest, which SCRIPT checks.
read_options() {
    local script=$1
    shift
    IS_BUILDING=yes OPTIONS=()
    while [ $# -gt 0 ]; do
        case $1 in
            --no-build) IS_BUILDING=no && shift ;;
            --binaries)
                [ $# -gt 1 ] || { usage >&2 && fail 64 "$1 wants a value"; }
                IS_BUILDING=no BINARIES=$2 && shift 2
                ;;
            --help | -h) usage && exit ;;
            *) OPTIONS+=("$1") && shift ;;
        esac
    done
    need_packages python3
    python3 "$script" --check "${OPTIONS[@]}" || exit 64
}

prepare_programs() {
    if [ "$IS_BUILDING" = yes ]; then
        say "programs"
        need_build_packages
        build_programs "$MARTLET_HOME/build.log" "${PROGRAMS[@]}"
    fi
    have_programs "${PROGRAMS[@]}"
}

# Two sockets for each of two thousand streams.
raise_open_files() {
    ulimit -n 16384 2>/dev/null || ulimit -n "$(ulimit -Hn)"
    [ "$(ulimit -n)" -ge 8192 ] || note "only $(ulimit -n) open files are allowed: the row 'held' will fail"
}

# Debian starts what it installs, and nginx would serve on port 80 from then on.
need_nginx() {
    ! nginx_program >/dev/null || return 0
    need_packages nginx-light
    if [ -d /run/systemd/system ]; then as_root systemctl disable --quiet --now nginx; else as_root service nginx stop; fi \
        >/dev/null 2>&1 || note "nginx may be running as a service now"
}

# Debian puts it where only root looks.
nginx_program() { PATH=$PATH:/usr/sbin command -v nginx; }

free_ports() {
    python3 -c '
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for each in sockets: each.bind(("127.0.0.1", 0))
print(*(each.getsockname()[1] for each in sockets))' "$1"
}

# start_house OPTIONS…: those of the provider.
start_house() {
    NODE_PROGRAM=${NODE_PROGRAM:-$BINARIES/martlet-node}
    read -r PROVIDER ADMIN NODES_API TRAFFIC OPERATIONS NGINX <<<"$(free_ports 6)"
    mkdir -p "$RUN" "$LOGS"
    start_on "$LOAD_CORE" provider "$BINARIES/martlet-simulator" serve --port "$PROVIDER" "$@"
    start_control
    start_bench_node
}

# start_on CORE NAME COMMAND…: on a machine with one core everything shares it.
start_on() {
    local core=$1 name=$2
    shift 2
    [ "$(nproc)" = 1 ] || set -- taskset -c "$core" "$@"
    start_process "$name" 1 "$@"
}

# In earnest it has a machine of its own: here it must not hold up the load, whose latencies would be taken for the
# node's.
START_CONTROL=(start_on "$LOAD_CORE" control nice -n 19)

start_control() {
    local place=(--database "sqlite:$MARTLET_HOME/control.sqlite" --keys "$MARTLET_HOME/keys")
    "$BINARIES/martlet-control" init --solo "${place[@]}" >>"$LOGS/control.log" 2>&1 \
        || fail 69 "martlet-control init failed" "$(last_words control)"
    "${START_CONTROL[@]}" "$BINARIES/martlet-control" serve "${place[@]}" --drain-delay 0s \
        --listen "127.0.0.1:$ADMIN" --node-listen "127.0.0.1:$NODES_API" "${CONTROL_OPTIONS[@]}"
    wait_ready control 60 "http://127.0.0.1:$ADMIN/readyz"
    write_bundle >"$MARTLET_HOME/bench.yaml"
    martlet apply -f "$MARTLET_HOME/bench.yaml" >>"$LOGS/control.log" \
        || fail 69 "the benchmark's bundle was not applied" "$LOGS/control.log"
    printf %s sk-simulated-0123456789 | martlet secrets set provider-key >>"$LOGS/control.log"
    KEY=$(martlet keys create --team bench --role everyone)
}

martlet() {
    MARTLET_URL=http://127.0.0.1:$ADMIN MARTLET_TOKEN=$(cat "$MARTLET_HOME/keys/admin.token") "$BINARIES/martlet" "$@"
}

# One route for each kind of answer; the provider reads its knobs from the model's name.
write_bundle() {
    local route
    cat <<YAML
teams: [{name: bench, metadata: {data_class: internal}}]
roles: [{name: everyone, routes: ["*"], models: []}]
secrets: [{name: provider-key, hosts: ["127.0.0.1"]}]
providers:
  - {name: simulated, dialect: openai-compatible, baseUrl: "http://127.0.0.1:$PROVIDER/v1", region: local,
     jurisdictions: [LOCAL], credential: {secret: provider-key}}
YAML
    printf 'models:\n'
    for route in "${!MODELS[@]}"; do
        printf '  - {name: simulated/%s, upstream: "%s", context: 1000000, maxOutput: 4096, ' "$route" "${MODELS[$route]}"
        printf 'price: {input: "0.10", cachedInput: "0.05", output: "0.40"}, capabilities: [chat, stream]}\n'
    done
    printf 'routes:\n'
    # A caller that lets go of a stream ends it: otherwise a round's held streams would be read on into the next.
    for route in "${!MODELS[@]}"; do
        printf '  - {name: %s, hangUp: cancel, rules: [{use: [simulated/%s]}]}\n' "$route" "$route"
    done
}

declare -A MODELS=(
    [whole]="sim"
    [events]="sim;chunks=100;delay=20"
    [held]="sim;chunks=2;delay=600000"
)

# More options of `martlet-control serve`.
CONTROL_OPTIONS=()

# What the node runs under, such as valgrind; it is slower then.
UNDER=()
READY_SECONDS=60

start_bench_node() {
    MARTLET_JOIN=$(martlet nodes token) start_on "$PROXY_CORE" node "${UNDER[@]}" "$NODE_PROGRAM" serve --threads 1 \
        --control "http://127.0.0.1:$NODES_API" --data "$MARTLET_HOME/node" --name bench --drain-delay 0s \
        --listen "127.0.0.1:$TRAFFIC" --operations "127.0.0.1:$OPERATIONS"
    wait_ready node "$READY_SECONDS" "http://127.0.0.1:$OPERATIONS/readyz"
    wait_for "$READY_SECONDS" "the node does not know its key" "$LOGS/node.log" key_works
}

key_works() {
    curl -fsS --max-time 2 -o /dev/null -H @<(printf 'authorization: Bearer %s\n' "$KEY") \
        "http://127.0.0.1:$TRAFFIC/v1/models"
}

# nginx as somebody would set it up who wants it fast: it writes no request to the disk and no line to a log.
start_nginx() {
    mkdir -p "$MARTLET_HOME/nginx"
    cat >"$MARTLET_HOME/nginx.conf" <<CONFIG
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid $MARTLET_HOME/nginx/pid;
error_log $LOGS/nginx.log;
events { worker_connections 8192; }
http {
    access_log off;
    client_body_temp_path $MARTLET_HOME/nginx/body;
    proxy_temp_path $MARTLET_HOME/nginx/proxy;
    fastcgi_temp_path $MARTLET_HOME/nginx/fastcgi;
    uwsgi_temp_path $MARTLET_HOME/nginx/uwsgi;
    scgi_temp_path $MARTLET_HOME/nginx/scgi;
    client_max_body_size 8m;
    client_body_buffer_size 256k;
    keepalive_requests 1000000000;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_read_timeout 300s;
    upstream provider { server 127.0.0.1:$PROVIDER; keepalive 2048; keepalive_requests 1000000000; }
    server {
        listen 127.0.0.1:$NGINX backlog=4096;
        location /v1/ { proxy_pass http://provider; }
        location /streams/ { proxy_pass http://provider; proxy_buffering off; }
    }
}
CONFIG
    [ "$(id -u)" != 0 ] || sed -i '1i user root;' "$MARTLET_HOME/nginx.conf"
    start_on "$PROXY_CORE" nginx "$(nginx_program)" -e "$LOGS/nginx.log" -c "$MARTLET_HOME/nginx.conf"
    wait_for 10 "nginx takes no connections" "$LOGS/nginx.log" nginx_answers
}

nginx_answers() { curl -fsS --max-time 2 -o /dev/null -X POST "http://127.0.0.1:$NGINX/v1/chat/completions"; }

# What bench.py and soak.py need to know.
write_house() {
    local route nginx
    (
        umask 077
        {
            printf '{"provider": %s, "node": %s, "nginx": %s, "admin": %s, "nodes": %s, ' \
                "$PROVIDER" "$TRAFFIC" "$NGINX" "$ADMIN" "$NODES_API"
            printf '"token": "%s", ' "$(cat "$MARTLET_HOME/keys/admin.token")"
            nginx=$(pid_of nginx)
            printf '"pids": {"node": %s, "nginx": %s, "control": %s}, ' \
                "$(pid_of node)" "${nginx:-null}" "$(pid_of control)"
            printf '"binaries": "%s", ' "$BINARIES"
            printf '"simulator": "%s", "core": %s, "key": "%s", "models": {' "$BINARIES/martlet-simulator" "$LOAD_CORE" "$KEY"
            for route in "${!MODELS[@]}"; do printf '"%s": "%s", ' "$route" "${MODELS[$route]}"; done
            printf '"": ""}}\n'
        } >"$MARTLET_HOME/house.json"
    )
}

end_house() {
    local status=$? name
    for name in nginx node control provider; do signal_process "$name"; done
    for name in nginx node control provider; do stop_process "$name" 20; done
    if [ "$status" = 0 ]; then rm -rf "$MARTLET_HOME"; else note "what it left behind is in $MARTLET_HOME"; fi
}
