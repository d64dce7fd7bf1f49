# What every deploy script needs: words for people, packages, waiting. Sourced, from the checkout's root.

# Where what runs keeps its state, its logs and its pids; a test has its own.
MARTLET_HOME=${MARTLET_HOME:-.martlet}

# What stands at the head of a script is what it says of itself.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

say() { printf '\033[1m▸ %s\033[0m\n' "$*"; }
note() { printf '  %s\n' "$*"; }

# fail CODE MESSAGE [WHAT TO LOOK AT]: 64 usage, 69 unavailable, 78 bad configuration.
fail() {
    printf '✗ %s\n' "$2" >&2
    [ -z "${3:-}" ] || printf '  look at: %s\n' "$3" >&2
    exit "$1"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else fail 69 "root is needed to run: $*" "install sudo, or run that line as root once"
    fi
}

# Installs those of the named Debian packages that are missing; asks the network nothing if none is.
need_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    note "installing ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null \
        && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null </dev/null \
        || fail 69 "could not install ${missing[*]}" "apt-get install ${missing[*]}"
}

need_swift() {
    command -v swift >/dev/null || fail 69 "no Swift toolchain on PATH" "the README: Debian 12 with Swift 6.3"
}

# What `swift build` links: SQLite for GRDB, libcurl, simdjson.
need_build_packages() {
    need_swift
    need_packages g++ libsqlite3-dev libcurl4-openssl-dev libsimdjson-dev
}

# wait_for SECONDS WHAT LOG COMMAND…: polls until the command succeeds.
wait_for() {
    local seconds=$1 what=$2 log=$3 end
    shift 3
    end=$((SECONDS + seconds))
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || fail 69 "$what: not within $seconds s" "$log"
        sleep 0.1
    done
}
