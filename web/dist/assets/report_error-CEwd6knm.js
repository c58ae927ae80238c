var e={name:`report_error.sh`,language:`sh`,pieces:[[`c`,`#!/bin/sh
# Source this in a script: . ./report_error.sh   then   reported pg_dump shop > shop.sql
# In bash also: trap 'report_error CommandFailed "$BASH_COMMAND ended with $?" "$LINENO"' ERR

# report_error TYPE MESSAGE [LINE [STACK]]: never fails. It waits on purpose, 3 seconds at most,
# because scripts end right after.
`],[``,`report_error() {
  curl --silent --max-time `],[`n`,`3 `],[``,`--output /dev/null --data-binary @- \\
    `],[`s`,'"${LOG_CENTER_URL:-http://localhost:8002}/api/v1/logs/report" '],[``,`<<`],[`s`,`EOF || :
{
  "project_id": "my_project",
  "environment": $(json_text "\${ENVIRONMENT:-development}"),
  "version": $(json_text "\${APP_VERSION:-}"),
  "level": "ERROR",
  "error": {
    "type": $(json_text "$1"),
    "message": $(json_text "$2"),
    "file_path": $(json_text "\${0##*/}"),
    "line_number": \${3:-0},
    "stack_trace": $(json_text "\${4:-}")
  },
  "context": {"server_name": $(json_text "$(uname -n)"), "user_id": $(json_text "$(id -un)")}
}
EOF
`],[``,`}

`],[`c`,`# reported COMMAND…: runs it; output and exit code stay as they are, a failure is reported with
# the last lines of its errors.
`],[``,`reported() {
  reported_in=$(mktemp -d)
  { {
    reported_code=`],[`n`,`0
    `],[`s`,`"$@" `],[``,`2>&1 >&3 3>&- || reported_code=$?
    echo `],[`s`,`"$reported_code" `],[``,`>`],[`s`,`"$reported_in/code"
  `],[``,`} | tee `],[`s`,`"$reported_in/errors" `],[``,`>&2; } 3>&1
  reported_code=$(cat `],[`s`,`"$reported_in/code"`],[``,`)
  `],[`k`,`if `],[``,`[ `],[`s`,`"$reported_code" `],[``,`-ne `],[`n`,`0 `],[``,`]; `],[`k`,`then`],[``,`
    report_error `],[`s`,'"${1##*/}" "$* ended with $reported_code" '],[`n`,`0 `],[`s`,`"$(tail -n `],[`n`,`50 `],[`s`,`"$reported_in/errors")"
  `],[`k`,`fi
  `],[``,`rm -rf `],[`s`,`"$reported_in"
  `],[``,`return `],[`s`,`"$reported_code"
`],[``,`}

`],[`c`,`# Any text as a JSON string.
`],[``,`json_text() {
  printf `],[`s`,`'"%s"' "$(printf '%s' "$1" | iconv -c -f UTF-8 -t UTF-8 | tr -d '\\000-\\010\\013-\\037' |
    sed 's/\\\\/\\\\\\\\/g; s/"/\\\\"/g; s/	/\\\\t/g; $!s/$/\\\\n/' | tr -d '\\n')"
`],[``,`}`]]};export{e as t};