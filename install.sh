#!/bin/sh
# Puts the log-center program where the shell finds it, runs it as a service if wanted, brings it to
# another version and back, or takes it away. What fails is put back as it was. Root never writes
# where the service may write: the data is copied, and a new program is tried, as the data's owner.
set -eu
umask 022
PATH=$PATH:/usr/sbin:/sbin

usage() {
    cat <<'TEXT'
Usage: ./install.sh [FILE | --from URL]              install, or put another version in its place
       ./install.sh --upgrade [FILE | --from URL]    the same for what is in use: checked, undone
                                                     when the new one does not start
       ./install.sh --rollback                       back to before an upgrade with --keep-copy
       ./install.sh --uninstall [--purge]

Without FILE it takes log-center from beside this script, or what was last built here.

  --prefix DIR   Where to: DIR/bin, DIR/share; default /usr/local for root, else ~/.local
  --from URL     Fetch the program from an address; URL.sha256 has to be there, or --sha256 given
  --sha256 SUM   What the file has to match; otherwise FILE.sha256 beside it, if that is there
  --systemd      Run it as a service: for root of the system, with a user of its own; else of yours
  --no-systemd   Do not ask whether to
  --data DIR     Where the data is; default /var/lib/log-center for a service of the system, else
                 ~/.local/share/log-center
  --keep-copy    After an upgrade, keep the data and the program of before, for --rollback
  --purge        With --uninstall: delete the data too, after a question
  --yes          Answer that question
  --dry-run      Say what would be done, and do nothing
  DESTDIR=DIR    (a variable) Put everything below DIR and start nothing: for packagers
TEXT
}

fail() {
    echo "install.sh: $1" >&2
    exit 1
}

# What a run that ends early has to take back: the name of a function, or nothing.
undo=
fresh=
finish() {
    outcome=$?
    trap - EXIT
    trap '' HUP INT TERM
    [ -z "$fresh" ] || rm -f "$fresh"
    if [ "$outcome" -ne 0 ] && [ -n "$undo" ]; then "$undo" || true; fi
    exit "$outcome"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

is_root() {
    [ "$(id -u)" -eq 0 ]
}

# --- The file to install ---------------------------------------------------------------------

newest_here() {
    here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
    target=${CARGO_TARGET_DIR:-$here/target}
    for candidate in "$here/log-center" "$target/x86_64-unknown-linux-gnu/release/log-center" \
        "$target/release/log-center"; do
        # The newest: what was last built here. (POSIX test has no -nt, so find compares.)
        if [ -f "$candidate" ] &&
            { [ -z "$file" ] || [ -n "$(find "$candidate" -newer "$file")" ]; }; then
            file=$candidate
        fi
    done
    [ -n "$file" ] || fail 'nothing to install: build it with cargo build --release, or name a file'
}

fetch() {
    if command -v curl >/dev/null; then
        case $1 in https:*) only='=https' ;; *) only='=http,https' ;; esac
        curl --fail --silent --show-error --location --proto "$only" --output "$2" "$1"
    elif command -v wget >/dev/null; then
        wget -q -O "$2" "$1"
    else
        fail 'fetching needs curl or wget'
    fi
}

first_sum() {
    grep -oE '[0-9A-Fa-f]{64}' | head -n 1 | tr 'A-F' 'a-f'
}

# What the file has to match goes into `wanted`; nothing if there is none.
find_sum() {
    if [ -n "$sha256" ]; then
        wanted=$(printf '%s' "$sha256" | first_sum)
        { [ "${#sha256}" -eq 64 ] && [ -n "$wanted" ]; } ||
            fail '--sha256 needs 64 hexadecimal digits'
    elif [ -n "$from" ]; then
        fetch "$from.sha256" "$fresh" || fail "there is no $from.sha256; or give --sha256"
        wanted=$(first_sum <"$fresh")
        [ -n "$wanted" ] || fail "$from.sha256 holds no SHA-256"
    elif [ -f "$file.sha256" ]; then
        wanted=$(first_sum <"$file.sha256")
        [ -n "$wanted" ] || fail "$file.sha256 holds no SHA-256"
    fi
}

# The new program, checked, beside the old one: `fresh`, `version`.
stage() {
    [ -n "$from" ] || [ -n "$file" ] || newest_here
    [ -n "$from" ] || [ -f "$file" ] || fail "there is no file $file"
    source=${from:-$file}
    if [ -n "$dry_run" ]; then
        fresh=$(mktemp)
    else
        { mkdir -p "$bin" 2>/dev/null && [ -w "$bin" ]; } ||
            fail "cannot write to $bin; choose another place with --prefix"
        fresh=$bin/.log-center.new.$$
    fi
    wanted=
    find_sum
    if [ -n "$from" ]; then
        fetch "$from" "$fresh" || fail "cannot fetch $from"
    else
        cp "$file" "$fresh" || fail "cannot write to $bin; choose another place with --prefix"
    fi
    if [ -n "$wanted" ]; then
        if command -v sha256sum >/dev/null; then
            is=$(sha256sum <"$fresh" | cut -d ' ' -f 1)
        elif command -v shasum >/dev/null; then
            is=$(shasum -a 256 <"$fresh" | cut -d ' ' -f 1)
        else
            fail "cannot check $source: neither sha256sum nor shasum is there"
        fi
        [ "$wanted" = "$is" ] ||
            fail "$source is damaged: its SHA-256 is $is, and should be $wanted"
    fi
    chmod 755 "$fresh"
    version=$("$fresh" --version 2>/dev/null) || fail "$source does not run on this machine"
    case $version in 'log-center '*) ;; *) fail "$source is not Log Center" ;; esac
}

# The man page and the completions: what the program can print of itself.
write_extras() {
    extra man/man1/log-center.1 man
    extra bash-completion/completions/log-center completions bash
    extra zsh/site-functions/_log-center completions zsh
    extra fish/vendor_completions.d/log-center.fish completions fish
}

extra() {
    extra=$share/$1
    shift
    text=$("$bin/log-center" "$@" 2>/dev/null </dev/null) && [ -n "$text" ] || return 0
    { mkdir -p "${extra%/*}" && printf '%s\n' "$text" >"$extra"; } 2>/dev/null ||
        echo "install.sh: cannot write $extra; the program works without it" >&2
}

# --- The service -----------------------------------------------------------------------------

service() {
    if [ "$kind" = system ]; then systemctl "$@"; else systemctl --user "$@"; fi
}

systemd_runs() {
    [ -z "$destdir" ] || return 1
    command -v systemctl >/dev/null || return 1
    case $(service is-system-running 2>/dev/null) in
        running | degraded | starting | initializing | maintenance) return 0 ;;
    esac
    return 1
}

# Whether the unit is there and runs the program of this prefix.
has_service() {
    escaped=$(printf '%s' "$installed" | sed 's/\\/\\\\/g; s/"/\\"/g; s/%/%%/g')
    [ -f "$unit" ] && grep -qF -- "ExecStart=\"$escaped\" " "$unit"
}

service_is_active() {
    has_service && systemd_runs && service is-active --quiet log-center
}

# The value of a variable of the service; what is in the file of variables goes before the unit.
setting() {
    value=
    if [ -f "$environment" ]; then
        value=$(sed -n "s/^[[:space:]]*$1=//p" "$environment" | tail -n 1 |
            sed "s/^\"\(.*\)\"\$/\1/; s/^'\(.*\)'\$/\1/")
    fi
    if [ -z "$value" ] && [ -f "$unit" ]; then
        value=$(sed -n "s/^Environment=\"$1=\(.*\)\"\$/\1/p" "$unit" |
            sed 's/\\\(["\\]\)/\1/g; s/%%/%/g')
    fi
    printf '%s' "$value"
}

# Where the service answers, as seen from this machine.
service_url() {
    listen=$(setting LOG_CENTER_LISTEN)
    listen=${listen%%,*}
    case ${listen:=127.0.0.1:8002} in
        0.0.0.0:* | localhost:*) listen=127.0.0.1:${listen##*:} ;;
        '[::]:'*) listen="[::1]:${listen##*:}" ;;
    esac
    if [ -n "$(setting LOG_CENTER_TLS_CERT)" ]; then scheme=https; else scheme=http; fi
    printf '%s://%s' "$scheme" "$listen"
}

# Whether it is well, or asks for a login before it says so. Its certificate is for the name that
# people use. Where there is neither curl nor wget, a process that stays has to do.
answers() {
    if command -v curl >/dev/null; then
        code=$(curl --silent --output /dev/null --write-out '%{http_code}' --insecure \
            --noproxy '*' --globoff --max-time 2 "$1") || return 1
        [ "$code" = 200 ] || [ "$code" = 401 ]
    elif command -v wget >/dev/null; then
        http_proxy='' https_proxy='' no_proxy='*' wget -q -O /dev/null -T 2 \
            --no-check-certificate "$1" 2>/dev/null || [ $? = 6 ]
    fi
}

is_up() {
    answers "$1/healthz" && answers "$1/readyz"
}

nap() {
    sleep 0.2 2>/dev/null || sleep 1
}

# Up for a second as one and the same process: another program on its port is not it.
service_comes_up() {
    url=$(service_url)
    deadline=$(deadline)
    while [ "$(date +%s)" -lt "$deadline" ]; do
        pid=$(service show --property MainPID --value log-center 2>/dev/null) || pid=0
        if [ "${pid:-0}" != 0 ] && is_up "$url"; then
            sleep 1
            [ "$pid" != "$(service show --property MainPID --value log-center)" ] || return 0
        fi
        [ "$(service is-active log-center 2>/dev/null)" != failed ] || return 1
        nap
    done
    return 1
}

# What the service said in its last run, for the person who has to find out why.
last_words() {
    if [ "$kind" = system ]; then set --; else set -- --user; fi
    run=$(service show --property InvocationID --value log-center 2>/dev/null) || return 0
    journalctl "$@" --lines 5 --output cat _SYSTEMD_INVOCATION_ID="$run" >&2 2>/dev/null || true
}

print_unit() {
    if [ "$kind" = system ]; then set -- systemd; else set -- systemd --user; fi
    "${fresh:-$bin/log-center}" "$@" --binary "$installed" --data "$data"
}

# Everything that could hinder the service, before anything is changed.
check_service() {
    if [ -z "$destdir" ]; then
        command -v systemctl >/dev/null || fail 'there is no systemd here'
        systemd_runs || fail "systemd does not run here${user_hint}"
    fi
    unit_text=$(print_unit 2>&1) ||
        fail "$(printf '%s\n' "$unit_text" | head -n 1 | sed 's/^[a-z-]*: //')"
    if [ "$kind" = system ] && [ -z "$destdir" ] && [ "$data" != "$data_of_service" ] &&
        [ -d "$data" ] && id log-center >/dev/null 2>&1; then
        [ "$(owner_of "$data")" = "$(id -u log-center)" ] ||
            fail "$data is another's: run chown -R log-center: on it, or name another --data"
    fi
}

make_user() {
    id log-center >/dev/null 2>&1 && return 0
    if command -v systemd-sysusers >/dev/null; then
        echo 'u log-center - "Log Center" /var/lib/log-center' | systemd-sysusers - 2>/dev/null ||
            return 1
    else
        useradd --system --user-group --no-create-home --home-dir /var/lib/log-center \
            --shell /usr/sbin/nologin log-center || return 1
    fi
    made_user=yes
}

made_user=
made_unit=
undo_service() {
    if [ -n "$made_unit" ]; then
        service disable --now log-center >/dev/null 2>&1
        rm -f "$unit"
        service daemon-reload
    fi
    [ -z "$made_user" ] || userdel log-center 2>/dev/null
    echo 'The service was taken away again; the program stays.' >&2
}

write_unit() {
    mkdir -p "${unit%/*}" && printf '%s\n' "$unit_text" >"$unit.new" && mv -f "$unit.new" "$unit"
}

start_service() {
    if [ -n "$destdir" ]; then
        write_unit || fail "cannot write $unit"
        echo "Wrote $unit."
        return
    fi
    undo=undo_service
    if [ "$kind" = system ]; then
        make_user || fail 'cannot make the user log-center'
        if [ "$data" != "$data_of_service" ] && [ ! -d "$data" ]; then
            { mkdir -p "$data" && chown log-center: "$data" && chmod 700 "$data"; } ||
                fail "cannot make $data"
        fi
    fi
    if [ "$(cat "$unit" 2>/dev/null)" != "$unit_text" ]; then
        [ -f "$unit" ] || made_unit=yes
        write_unit || fail "cannot write $unit"
        service daemon-reload || fail 'systemd does not read its units again'
        service stop log-center 2>/dev/null || true
    fi
    service enable log-center 2>/dev/null || fail "cannot have $unit started at boot"
    service start log-center || fail "cannot start the service: see systemctl status log-center"
    service_comes_up || {
        last_words
        fail "the service does not start; see ${systemctl} status log-center"
    }
    undo=
    url=$(service_url)
    echo "It runs as a service at $url, and keeps its data in $data."
    echo "Look after it with: ${systemctl} status log-center"
    [ "$kind" = system ] ||
        echo 'It ends when you log out, unless you say: loginctl enable-linger'
    cat <<TEXT
Send a first report:

  curl $url/api/v1/logs/report -d '{"project_id":"demo","environment":"development",\
"level":"ERROR","error":{"type":"ValueError","message":"hello","file_path":"app.py",\
"line_number":1,"stack_trace":["ValueError: hello"]}}'
TEXT
}

# --- The data --------------------------------------------------------------------------------

owner_of() {
    # shellcheck disable=SC2012 # Numbers only; find -printf and stat -c are not everywhere.
    ls -ldn "$1" | awk '{print $3}'
}

# Becomes a command, as the owner of the data where root works on another's.
become() {
    owner=$(owner_of "$data")
    if is_root && [ "$owner" != 0 ]; then
        # shellcheck disable=SC2012
        group=$(ls -ldn "$data" | awk '{print $4}')
        exec setpriv --reuid "$owner" --regid "$group" --clear-groups -- "$@"
    fi
    exec "$@"
}

as_owner() (
    become "$@"
)

is_in_use() {
    [ -f "$data/log-center.lock" ] && command -v flock >/dev/null &&
        ! flock --nonblock "$data/log-center.lock" true
}

kib_of_data() {
    for part in "$data"/log-center.db "$data"/log-center.db-wal; do
        [ ! -f "$part" ] || wc -c <"$part"
    done | awk '{sum += $1} END {print int(sum / 1024) + 1}'
}

# When a program that does not answer has failed: bringing data to a new schema takes its time.
deadline() {
    echo $(($(date +%s) + 20 + $(kib_of_data) / 20480))
}

# Enough for a second copy, and for what the program wants free to take reports: 128 MiB.
check_room() {
    wants=$(($(kib_of_data) / 1024 + 160))
    free=$(($(df -Pk "$data" | awk 'NR == 2 {print $4}') / 1024))
    [ "$free" -ge "$wants" ] ||
        fail "a copy of the data needs $wants MiB in $data, and $free are free; nothing was changed"
}

# The database of a stopped program, as DATA/NAME, whole or not at all.
copy_data() {
    as_owner rm -rf "$data/$1.part" && as_owner mkdir -m 700 "$data/$1.part" || return 1
    for part in log-center.db log-center.db-wal; do
        [ ! -f "$data/$part" ] || as_owner cp -p "$data/$part" "$data/$1.part/$part" || return 1
    done
    as_owner mv "$data/$1.part" "$data/$1"
}

# --- Upgrade and back ------------------------------------------------------------------------

# Puts program, unit and data of before in their places; `copy` names the copy of the data.
put_back() {
    service_was=$1
    [ -z "$service_was" ] || service stop log-center 2>/dev/null
    cp -p "$before/log-center" "$fresh" && mv -f "$fresh" "$bin/log-center" || return 1
    [ ! -f "$before/log-center.service" ] || cp "$before/log-center.service" "$unit"
    if [ -n "$copy" ] && [ -d "$data/$copy" ]; then
        as_owner rm -rf "$data/newer" && as_owner mkdir -m 700 "$data/newer" || return 1
        for part in log-center.db log-center.db-wal log-center.db-shm; do
            [ ! -f "$data/$part" ] || as_owner mv "$data/$part" "$data/newer" || return 1
            [ ! -f "$data/$copy/$part" ] || as_owner mv "$data/$copy/$part" "$data" || return 1
        done
        as_owner rmdir "$data/$copy"
        # Reports that the newer program took are not thrown away unasked.
        if [ ! -s "$data/newer/log-center.db-wal" ] &&
            as_owner cmp -s "$data/newer/log-center.db" "$data/log-center.db"; then
            as_owner rm -rf "$data/newer"
        fi
    fi
    forget_program
    write_extras
    if [ -n "$service_was" ]; then
        service daemon-reload
        service reset-failed log-center 2>/dev/null
        service start log-center && service_comes_up
    fi
}

say_newer() {
    [ ! -d "$data/newer" ] ||
        echo "What the newer one wrote is in $data/newer; delete it if you need nothing of it."
}

copy=
undo_upgrade() {
    fresh=$bin/.log-center.new.$$
    if put_back yes; then
        echo "Put back $old with its data; it runs again." >&2
        say_newer >&2
    else
        last_words
        echo "$old with its data does not run either; see ${systemctl} status log-center." >&2
    fi
}

undo_stop() {
    as_owner rm -rf "$data/upgrade.part" "$data/upgrade"
    forget_program
    service start log-center && echo "$old runs again; nothing was changed." >&2
}

forget_program() {
    rm -rf "$before"
    rmdir "${before%/*}" 2>/dev/null || true
}

# The program and the unit as they are, in a place of root's (or the person's) own.
keep_program() {
    # A copy of the data that an earlier upgrade kept would not fit the program any more.
    as_owner rm -rf "$data/before-upgrade"
    mkdir -p "$before" && cp -p "$bin/log-center" "$before/log-center" || return 1
    [ ! -f "$unit" ] || ! has_service || cp "$unit" "$before/log-center.service"
}

upgrade_service() {
    unit_text=$(print_unit 2>/dev/null) || unit_text=$(cat "$unit")
    undo=undo_stop
    service stop log-center || fail 'cannot stop the service'
    copy_data upgrade || fail "cannot copy the data in $data"
    keep_program || fail "cannot copy the program to $before"
    copy=upgrade
    undo=undo_upgrade
    mv -f "$fresh" "$bin/log-center" || fail "cannot write to $bin"
    { write_unit && service daemon-reload; } || fail "cannot write $unit"
    { service start log-center && service_comes_up; } || {
        last_words
        fail "$version does not start"
    }
    undo=
    drop_copy upgrade
}

# Keeps the copy where --rollback finds it, or removes it: it holds what may be erased later.
drop_copy() {
    if [ -n "$keep_copy" ]; then
        as_owner mv "$data/$1" "$data/before-upgrade"
        echo "The data of before is kept in $data/before-upgrade; --rollback goes back to it."
    else
        as_owner rm -rf "$data/$1"
        forget_program
    fi
}

tried=
undo_trial() {
    [ -z "$tried" ] || kill "$tried" 2>/dev/null || true
    [ -z "$tried" ] || wait "$tried" 2>/dev/null || true
    tried=
    as_owner rm -rf "$trial" "$data/trial.part"
    rm -f "$said"
}

# Starts the new program with a copy of the data on a free port, and stops it again.
try_program() {
    said=$(mktemp)
    if [ -d "$data" ]; then
        undo=undo_trial
        trial=$data/trial
        as_owner rm -rf "$trial"
        copy_data trial || fail "cannot copy the data in $data"
        become env -i "$fresh" serve --data "$trial" --listen 127.0.0.1:0 >"$said" 2>&1 &
    else
        trial=$(mktemp -d)
        undo=undo_trial
        env -i "$fresh" serve --data "$trial" --listen 127.0.0.1:0 >"$said" 2>&1 &
    fi
    tried=$!
    deadline=$(deadline)
    while :; do
        port=$(grep -oE '127\.0\.0\.1:[0-9]+' "$said" | head -n 1)
        if [ -n "$port" ] && is_up "http://$port"; then break; fi
        if ! kill -0 "$tried" 2>/dev/null || [ "$(date +%s)" -ge "$deadline" ]; then
            cat "$said" >&2
            fail "$version does not start with a copy of the data; nothing was changed"
        fi
        nap
    done
    undo_trial
    undo=
}

upgrade() {
    [ -x "$bin/log-center" ] || fail "there is no $installed; install it without --upgrade"
    [ ! -d "$data/upgrade" ] || fail "an upgrade was interrupted: go back with --rollback, or \
delete $data/upgrade if everything is as it should be"
    old=$("$bin/log-center" --version 2>/dev/null) || old='the old program'
    stage
    if cmp -s "$fresh" "$bin/log-center"; then
        echo "$installed is $version already."
        return
    fi
    active=
    if service_is_active; then active=yes; fi
    [ -n "$active" ] || ! is_in_use ||
        fail "a program that is not the service uses $data: stop it first"
    [ ! -d "$data" ] || check_room
    if [ -n "$dry_run" ]; then
        echo "Would upgrade $installed from $old to $version, with the data in $data."
        [ -z "$active" ] || echo 'Would stop the service, copy the data, and start it again.'
        [ -n "$active" ] || echo 'Would first try the new one with a copy of the data.'
        return
    fi
    if [ -n "$active" ]; then
        upgrade_service
    else
        try_program
        if [ -n "$keep_copy" ] && [ -d "$data" ]; then
            { keep_program && copy_data before-upgrade; } || fail "cannot keep a copy in $data"
            echo "The data of before is kept in $data/before-upgrade."
        fi
        unit_text=
        ! has_service || unit_text=$(print_unit 2>/dev/null) || unit_text=
        mv -f "$fresh" "$bin/log-center" || fail "cannot write to $bin"
        if [ -n "$unit_text" ]; then
            { write_unit && service daemon-reload; } || fail "cannot write $unit"
        fi
    fi
    fresh=
    write_extras
    echo "Upgraded $installed from $old to $version."
    [ -n "$active" ] || echo 'Nothing was running, so nothing was started.'
}

rollback() {
    copy=
    for candidate in before-upgrade upgrade; do
        [ ! -d "$data/$candidate" ] || copy=$candidate
    done
    { [ -x "$before/log-center" ] && [ -n "$copy" ]; } ||
        fail 'there is nothing to go back to: only an upgrade with --keep-copy keeps it'
    was=
    if has_service && systemd_runs; then was=yes; fi
    [ -n "$was" ] || ! is_in_use || fail "a program uses $data: stop it first"
    if [ -n "$dry_run" ]; then
        echo "Would put back the program in $before and the data in $data/$copy."
        return
    fi
    fresh=$bin/.log-center.new.$$
    put_back "$was" || fail "what was put back does not run; see ${systemctl} status log-center"
    echo "Went back to $("$bin/log-center" --version) and the data of before the upgrade."
    say_newer
}

# --- Install and uninstall -------------------------------------------------------------------

# Asks nobody but root at a terminal: everybody else says --systemd.
ask_for_service() {
    [ -z "$systemd$destdir$dry_run" ] || return 0
    if ! is_root || ! [ -t 0 ] || ! [ -t 1 ] || ! systemd_runs || has_service; then return 0; fi
    printf 'Run Log Center as a service, started at boot? [y/N] '
    read -r answer || answer=
    case $answer in y | Y | yes) systemd=yes ;; *) systemd=no ;; esac
    [ "$systemd" = no ] || [ -n "$named_data" ] || data=$data_of_service
}

install() {
    stage
    if service_is_active && ! cmp -s "$fresh" "$bin/log-center"; then
        fail "$installed runs as a service: change it with --upgrade"
    fi
    ask_for_service
    [ "$systemd" != yes ] || check_service
    if [ -n "$dry_run" ]; then
        echo "Would install $version from $source as $destdir$installed."
        [ "$systemd" != yes ] ||
            echo "Would write $unit, and run it as a service with its data in $data."
        return
    fi
    # Over the old one in one step, so that a running program is not disturbed.
    mv -f "$fresh" "$bin/log-center" || fail "cannot write to $bin"
    fresh=
    write_extras
    echo "Installed $version from $source as $destdir$installed."
    if [ "$systemd" = yes ]; then
        start_service
    else
        case ":$PATH:" in
            *":$prefix/bin:"*) echo 'Start it with: log-center' ;;
            *) echo "Start it with: $installed" ;;
        esac
    fi
}

# Only what is Log Center's own: --data may have named a folder that holds other things too.
delete_data() {
    rm -f "$data/log-center.db" "$data/log-center.db-wal" "$data/log-center.db-shm" \
        "$data/log-center.lock" "$data/log-center.key" "$data/panic.json" \
        "$data/admin.wish" "$data/admin.answer"
    rm -rf "$data/acme" "$data/upgrade" "$data/upgrade.part" "$data/before-upgrade" \
        "$data/before-upgrade.part" "$data/newer" "$data/trial" "$data/trial.part" \
        "$data/before-restore" "$data/restore-fresh" "$data/restore-ready" "$data/restore-placing"
    [ ! -d "$data" ] || rmdir "$data" 2>/dev/null || echo "Other files are left in $data."
    echo "Deleted the data in $data."
    [ -n "$had_service" ] || [ "$data" = "$data_of_service" ] || return 0
    rm -f "$environment"
    if [ "$kind" = system ] && id log-center >/dev/null 2>&1; then
        userdel log-center 2>/dev/null || echo 'The user log-center is left: userdel refused.'
    fi
}

uninstall() {
    had_service=
    if has_service; then had_service=yes; fi
    [ -e "$bin/log-center" ] || [ -n "$had_service" ] || [ -n "$purge" ] ||
        fail "there is no $installed"
    active=
    if service_is_active; then active=yes; fi
    [ -z "$purge" ] || [ -d "$data" ] || fail "there is no data in $data; name it with --data"
    if [ -n "$purge" ] && [ -z "$active" ] && is_in_use; then
        fail "a program uses $data: stop it first"
    fi
    if [ -n "$dry_run" ]; then
        echo "Would remove $installed${had_service:+ and $unit}."
        if [ -n "$purge" ]; then echo "Would delete the data in $data."; fi
        return
    fi
    if [ -n "$purge" ] && [ -z "$yes" ]; then
        [ -t 0 ] || fail '--purge deletes the data: where nobody can be asked, add --yes'
        printf 'Delete the data in %s for ever? Type delete: ' "$data"
        read -r answer || answer=
        [ "$answer" = delete ] || fail 'nothing was removed'
    fi
    if [ -n "$had_service" ]; then
        if systemd_runs; then
            service disable --now log-center 2>/dev/null || fail 'cannot stop the service'
        fi
        rm -f "$unit" || fail "cannot remove $unit"
        ! systemd_runs || service daemon-reload
    fi
    rm -f "$bin/log-center" || fail "cannot remove $installed"
    rm -f "$share/man/man1/log-center.1" "$share/bash-completion/completions/log-center" \
        "$share/zsh/site-functions/_log-center" "$share/fish/vendor_completions.d/log-center.fish"
    forget_program
    echo "Removed $installed${had_service:+ and its service}."
    if [ -n "$purge" ]; then
        delete_data
    elif [ -d "$data" ]; then
        echo "The data is kept in $data."
    else
        echo "Data is kept; by default it is in $data."
    fi
}

# --- What was asked for ----------------------------------------------------------------------

task=install
prefix='' file='' from='' sha256='' systemd='' data='' keep_copy='' purge='' yes='' dry_run=''

parse() {
    while [ "$#" -gt 0 ]; do
        case $1 in
            --prefix | --from | --sha256 | --data)
                { [ "$#" -gt 1 ] && [ -n "$2" ]; } || fail "$1 needs a value; see --help"
                case $1 in
                    --prefix) prefix=$2 ;;
                    --from) from=$2 ;;
                    --sha256) sha256=$2 ;;
                    --data) data=$2 ;;
                esac
                shift
                ;;
            --prefix=*) prefix=${1#*=} ;;
            --from=*) from=${1#*=} ;;
            --sha256=*) sha256=${1#*=} ;;
            --data=*) data=${1#*=} ;;
            --upgrade | --rollback | --uninstall)
                [ "$task" = install ] || fail "one of --$task and $1"
                task=${1#--}
                ;;
            --systemd) systemd=yes ;;
            --no-systemd) systemd=no ;;
            --keep-copy) keep_copy=yes ;;
            --purge) purge=yes ;;
            --yes) yes=yes ;;
            --dry-run) dry_run=yes ;;
            -h | --help)
                usage
                exit 0
                ;;
            -*) fail "there is no option $1; see --help" ;;
            *)
                [ -z "$file" ] || fail 'one file at a time; see --help'
                file=$1
                ;;
        esac
        shift
    done
    [ -z "$file" ] || [ -z "$from" ] || fail 'a file or --from, not both'
    [ -z "$purge" ] || [ "$task" = uninstall ] || fail '--purge goes with --uninstall'
    [ -z "$keep_copy" ] || [ "$task" = upgrade ] || fail '--keep-copy goes with --upgrade'
    case $from in
        '' | https://* | http://localhost[:/]* | http://127.0.0.1[:/]*) ;;
        http://*) [ -n "$sha256" ] || fail 'over http:// anybody could change it: give --sha256' ;;
        *) fail '--from needs an address that begins with https://' ;;
    esac
}

whole() {
    case $1 in /*) printf '%s' "$1" ;; *) printf '%s' "$PWD/$1" ;; esac
}

# Where everything is, for root and for everybody else.
find_places() {
    destdir=${DESTDIR:-}
    [ -z "$destdir" ] || case $task$purge in
        install | uninstall) ;;
        *) fail 'DESTDIR is for packages: it goes with installing and --uninstall only' ;;
    esac
    if is_root || [ -n "$destdir" ]; then
        kind=system user_hint='' systemctl=systemctl
        prefix=${prefix:-/usr/local}
        unit=/etc/systemd/system/log-center.service
        [ -z "$destdir" ] || unit=$destdir$prefix/lib/systemd/system/log-center.service
        environment=$destdir/etc/log-center.env
        data_of_service=/var/lib/log-center
    else
        kind=user user_hint=' for you: log in as yourself, without su or sudo'
        systemctl='systemctl --user'
        prefix=${prefix:-${HOME:?say where with --prefix}/.local}
        unit=${XDG_CONFIG_HOME:-${HOME:-}/.config}/systemd/user/log-center.service
        environment=${XDG_CONFIG_HOME:-${HOME:-}/.config}/log-center.env
        data_of_service=${XDG_DATA_HOME:-${HOME:-}/.local/share}/log-center
    fi
    prefix=$(whole "$prefix")
    installed=$prefix/bin/log-center
    bin=$destdir$prefix/bin
    share=$destdir$prefix/share
    before=$destdir$prefix/lib/log-center/before-upgrade
    if [ -z "$destdir" ] && command -v dpkg-query >/dev/null &&
        dpkg-query --search "$installed" >/dev/null 2>&1; then
        fail "$installed belongs to a Debian package: use apt or dpkg, or another --prefix"
    fi
    find_data
}

find_data() {
    named_data=$data
    if [ -n "$data" ]; then
        data=$(whole "$data")
    elif has_service; then
        data=$(setting LOG_CENTER_DATA)
    elif [ "$systemd" = yes ]; then
        data=$data_of_service
    else
        data=${LOG_CENTER_DATA:-${XDG_DATA_HOME:-${HOME:-}/.local/share}/log-center}
        data=$(whole "$data")
    fi
    [ -n "$data" ] || data=$data_of_service
}

parse "$@"
find_places
"$task"
