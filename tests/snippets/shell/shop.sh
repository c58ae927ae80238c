#!/bin/sh
# A script that reports by hand, wraps a command, or ends by a trap of bash.
. ./report_error.sh

case $1 in
  hand)
    report_error BackupFailed "$2" 12
    echo 'went on'
    ;;
  wrap)
    reported sh -c 'echo to the output; echo first error >&2; echo "second \"error\"" >&2; exit 3'
    echo "code $?"
    reported true
    echo "code $?"
    ;;
  trap)
    # shellcheck disable=SC3047 # This case is run by bash only.
    trap 'report_error CommandFailed "$BASH_COMMAND ended with $?" "$LINENO"' ERR
    ls /missing # RAISED HERE
    ;;
esac
