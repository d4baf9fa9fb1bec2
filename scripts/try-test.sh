#!/usr/bin/env bash
# Gives ./test and ./check what they must reject, in a small tree of their own. No Maven starts.
set -euo pipefail

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree="$work/tree"
tools="$work/tools"

fail() {
    echo "try-test: $1" >&2
    cat "$work/out" >&2
    exit 1
}

# expect STATUS TEXT COMMAND…: the command ends with the status, and prints the text.
expect() {
    local status=$1 text=$2 ended=0
    shift 2
    (cd "$tree" && "$@") >"$work/out" 2>&1 </dev/null || ended=$?
    [ "$ended" -eq "$status" ] || fail "$*: ended with $ended (expected: $status)"
    grep -qF -e "$text" "$work/out" || fail "$*: does not print: $text"
}

# expect_only TEXT: the last command printed it, and no other line.
expect_only() {
    [ "$(wc -l <"$work/out")" -eq 1 ] || fail "more than one line (expected: $1)"
}

# test_class MODULE PACKAGE NAME ANNOTATION METHOD…
test_class() {
    local folder="$tree/$1/src/test/java/example/$2" method
    mkdir -p "$folder"
    {
        printf 'package example.%s;\n\n%s\nclass %s {\n' "$2" "$4" "$3"
        for method in "${@:5}"; do
            printf '    @Test\n    void %s() {}\n' "$method"
        done
        echo '}'
    } >"$folder/$3.java"
}

# tool NAME LINE: a program of this name that stands in for the real one.
tool() {
    printf '#!/bin/sh\n%s\n' "$2" >"$tools/$1"
    chmod +x "$tools/$1"
}

make_tree() {
    mkdir -p "$tree/scripts" "$tools"
    cp check test soak "$tree"
    cp scripts/jdk.sh scripts/surefire.py scripts/test-classes scripts/test-report scripts/test-names "$tree/scripts"
    printf '#!/bin/sh\n' >"$tree/scripts/try-test.sh"
    chmod +x "$tree/scripts/try-test.sh"
    test_class stores disk FullDiskTest '@Tag("unit")' a_full_disk_is_named the_old_content_stays
    test_class stores disk FullStoreTest '@Tag("unit")' it_is_full
    test_class stores mounts MountTest $'@Tag("adapter")\n@Tag("root")' it_is_mounted
    test_class calls first DownloadTest '@Tag("unit")' it_arrives
    test_class pages second DownloadTest '@Tag("process")' it_arrives
}

# A report of one class: report MODULE NAME CASE.
report() {
    mkdir -p "$tree/$1/target/surefire-reports"
    printf '<testsuite name="%s" time="1.5"><testcase name="it_is" classname="%s">%s</testcase></testsuite>\n' \
        "$2" "$2" "$3" >"$tree/$1/target/surefire-reports/TEST-$2.xml"
}

names() {
    expect 2 "NoSuchTest: no such test class" ./test NoSuchTest
    [ "$(grep -c '^  [A-Z]' "$work/out")" -eq 3 ] || fail "three nearest names are expected"
    expect 2 "./test --list" ./test NoSuchTest
    expect 2 "  FullDiskTest" ./test FulDiskTest
    expect 2 "calls/DownloadTest" ./test DownloadTest
    expect 2 "pages/DownloadTest" ./test DownloadTest
    expect 2 "FullDiskTest#the old content stays" ./test "FullDiskTest#the old content stay"
    expect 2 "no name" ./test
    expect 2 "a second name" ./test FullDiskTest MountTest
    expect 2 "--nosuch: unknown" ./test --nosuch
    expect 2 "expected: unit, adapter, process, browser, root, slow" ./test --tag nosuch
    expect 1 "no class has the tag slow" ./test --tag slow
    expect 0 "usage: ./test" ./test --help
    expect 0 "FullDiskTest (stores, unit)" ./test --list disk
    expect 0 "FullStoreTest#it is full" ./test --list "is full"
    expect 1 "nosuch" ./test --list nosuch
}

# Maven gets exactly the class, method or tag, and what comes after --.
selections() {
    tool mvn 'echo "$@"'
    expect 1 "-pl stores -am test -Dtest=example.disk.FullDiskTest -D" ./test FullDiskTest
    expect 1 "test: no test ran" ./test FullDiskTest
    expect 1 "FullDiskTest#the_old_content_stays -D" ./test "FullDiskTest#the old content stays"
    expect 1 "-pl pages -am test -Dtest=example.second.DownloadTest -D" ./test pages/DownloadTest
    expect 1 "-pl stores -am test -Dgroups=root -D" ./test --tag root
    expect 1 " -X -Dmore" ./test MountTest -- -X -Dmore
}

# Without a JDK or Maven all three give the same advice.
advice() {
    local program
    for program in "./check" "./test MountTest" "./soak --list"; do
        echo 'is_jdk_25() { return 1; }' >>"$tree/scripts/jdk.sh"
        # shellcheck disable=SC2086
        expect 1 "no JDK 25 or newer in JAVA_HOME, PATH or /usr/lib/jvm. Install one" $program
        expect_only "the advice about the JDK"
        cp scripts/jdk.sh "$tree/scripts"

        # shellcheck disable=SC2016
        echo 'command() { [ "$2" != mvn ] && builtin command "$@"; }' >>"$tree/scripts/jdk.sh"
        # shellcheck disable=SC2086
        expect 1 "no Maven (mvn) in PATH. Install Maven 3.8 or newer" $program
        expect_only "the advice about Maven"
        cp scripts/jdk.sh "$tree/scripts"
    done
}

check_arguments() {
    expect 2 "--nosuch: unknown" ./check --nosuch
    expect 2 "both" ./check --fast --strict
    expect 0 "usage: ./check" ./check --help
}

# A build that runs nothing, a full disk, and a test that is skipped.
check_results() {
    tool shellcheck 'exit 0'
    tool apt-get 'exit 0'
    tool sudo 'exit 0'
    tool mvn 'exit 0'
    report stores example.Old ''
    touch -d '1 hour ago' "$tree/stores/target/surefire-reports/TEST-example.Old.xml"
    expect 1 "check: no test ran" ./check --fast
    expect 1 "check: FAILED" ./check --fast
    tail -n 1 "$work/out" | grep -qF "left out: 2 test classes" || fail "the last line does not name what is left out"

    tool df 'echo header; echo disk 100 100 2048 100% /'
    expect 1 "has 2 MiB free (expected: at least 512 MiB)" ./check
    expect_only "the full disk"
    rm "$tools/df"

    report stores example.Skipped '<skipped message="no such device"/>'
    expect 1 "Skipped (stores), 1 of 1 test: no such device" scripts/test-report --strict
    expect 1 "1 test skipped" scripts/test-report --strict
    expect 0 "1 passed, 0 failed, 1 skipped" scripts/test-report
    grep -qx 'example.Skipped,stores,1,1.500' "$tree/target/test-times.csv" || fail "target/test-times.csv lacks a class"
    report stores example.Broken '<failure message="expected: 1 but was: 2"/>'
    expect 0 "Broken#it_is (stores): expected: 1 but was: 2" scripts/test-report
    report stores example.Many '</testcase><testcase name="of(int)[1]" classname="example.Many"/>
        <testcase name="of(int)[2]" classname="example.Many">'
    expect 0 "example.Many#of 2" scripts/test-names
}

make_tree
export PATH="$tools:$PATH"
names
selections
advice
check_arguments
check_results
echo "try-test: ./test and ./check reject wrong input"
