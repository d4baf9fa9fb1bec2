# Sourced by ./holdfast and ./check: finds a JDK 25 or newer and sets JAVA_HOME to it.
# shellcheck shell=bash

is_jdk_25() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    local line version
    line=$(grep '^JAVA_VERSION=' "$1/release") || return 1
    version=${line#JAVA_VERSION=\"}
    version=${version%%[!0-9]*}
    [ "${version:-0}" -ge 25 ]
}

find_jdk() {
    local java candidate
    if [ -n "${JAVA_HOME:-}" ] && is_jdk_25 "$JAVA_HOME"; then
        export JAVA_HOME
        return 0
    fi
    if java=$(command -v java); then
        java=$(readlink -f "$java")
        if is_jdk_25 "${java%/bin/java}"; then
            export JAVA_HOME="${java%/bin/java}"
            return 0
        fi
    fi
    for candidate in /usr/lib/jvm/*; do
        if is_jdk_25 "$candidate"; then
            export JAVA_HOME="$candidate"
            return 0
        fi
    done
    echo "holdfast: no JDK 25 or newer in JAVA_HOME, PATH or /usr/lib/jvm. Install one, for example Debian's" \
        "openjdk-25-jdk or Eclipse Temurin 25, or set JAVA_HOME to it." >&2
    return 1
}

find_maven() {
    if ! command -v mvn >/dev/null; then
        echo "holdfast: no Maven (mvn) in PATH. Install Maven 3.8 or newer, for example Debian's maven." >&2
        return 1
    fi
    # Maven's own libraries call what JDK 25 warns of.
    export MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}"
}
