# Release builds of our programs. Sourced after shell.sh.
#
# The Swift runtime is linked into each program: one file to copy, and a tenth less processor time on the traffic path.
# Exclusive access is proved where the compiler can and checked at run time in debug builds, which all tests run; here
# the checks would be an eighth of all instructions of a request.
#
# A request runs through a third of a megabyte of a program of thirty: its functions (deploy/hot-functions.txt, written by
# deploy/budgets --order) are laid together, and no symbols are exported, as nobody asks for them by name. Measured here:
# about a tenth less time in user space a request, and four megabytes less resident memory. It needs lld, which is part of
# Swift; names that are no more are passed over.

BINARIES=${MARTLET_BINARIES:-.build/release}
BUILD_OPTIONS=(-c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked)
BUILD_OPTIONS+=(-Xswiftc -Xfrontend -Xswiftc -function-sections -Xswiftc -use-ld=lld)
BUILD_OPTIONS+=(-Xlinker "--symbol-ordering-file=$PWD/deploy/hot-functions.txt" -Xlinker --no-warn-symbol-ordering)
BUILD_OPTIONS+=(-Xlinker --no-export-dynamic)

# build_programs LOG PROGRAM…: what has not changed since is not built again. Sets VERSION, which tells running
# processes of another version apart.
build_programs() {
    local log=$1 digest program
    shift
    digest=$(find Sources Package.swift deploy/lib/build.sh deploy/hot-functions.txt -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)
    VERSION=$digest
    for program in "$@"; do
        [ "$(cat "$BINARIES/$program.built" 2>/dev/null)" != "$digest" ] || continue
        note "$program (a first release build takes some minutes; log: $log)"
        swift build "${BUILD_OPTIONS[@]}" --product "$program" >>"$log" 2>&1 \
            || fail 69 "$program does not build" "$(grep -E 'error:' "$log" | head -n 3; printf %s "$log")"
        printf '%s\n' "$digest" >"$BINARIES/$program.built"
    done
}

# have_programs PROGRAM…: ends where $BINARIES lacks one.
have_programs() {
    local program
    for program in "$@"; do
        [ -x "$BINARIES/$program" ] || fail 69 "$BINARIES has no $program" "without --no-build and --binaries it is built"
    done
}
