# shellcheck shell=sh
# What the commands of a server share. Each place can be named otherwise by its variable, which is how they are tried out.

: "${HOUSE:=/opt/loathon}"            # source/ (git), releases/, current -> the running one, previous -> the one before
: "${STATE:=/var/lib/loathon}"        # data/: database and files
: "${BACKUPS:=/var/backups/loathon}"  # one folder a day, and before-upgrade
: "${SETTINGS:=/etc/loathon/env}"     # LOATHON_… settings
: "${ETC:=/etc}"
: "${ACCOUNT:=loathon}"               # owns the data; the programs belong to root
: "${PATIENCE_S:=60}"                 # how long a start may take

umask 027

tell() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

as_account() {
    if [ "$(id -un)" = "$ACCOUNT" ]; then "$@"; else runuser -u "$ACCOUNT" -- "$@"; fi
}

read_settings() {
    [ -r "$SETTINGS" ] || fail "Cannot read the settings in $SETTINGS."
    set -a
    # shellcheck disable=SC1090
    . "$SETTINGS"
    LOATHON_DATA_DIR=$STATE/data
    set +a
}

# loathon_of RELEASE WORD…: a command of that release with the server's settings
loathon_of() (
    cd "$1" || exit 1
    shift
    as_account .venv/bin/loathon "$@"
)

# give PATH: the account owns it, wherever it was copied from
give() {
    [ "$(id -un)" = "$ACCOUNT" ] || chown -R "$ACCOUNT:" "$1"
}

# drill COPY RELEASE: open the copy as an installation of its own; the copy itself stays as it was
drill() (
    trial=$(mktemp -d "$STATE/drill.XXXXXX") || exit 1
    trap 'rm -rf "$trial"' EXIT
    cp -R "$1/." "$trial/" || exit 1
    give "$trial" || exit 1
    LOATHON_DATABASE_URL='' LOATHON_DATA_DIR=$trial loathon_of "$2" db check
)

# put_back COPY RELEASE: that release puts the copy in the place of the data, once all of it was found whole; what was there
# is set aside, never deleted. The service must be stopped. Also for data in PostgreSQL.
put_back() (
    # the account may not be able to read the copy where it lies (a stick of root's)
    room=$(mktemp -d "$STATE/copy.XXXXXX") || exit 1
    trap 'rm -rf "$room"' EXIT
    cp -R "$1/." "$room/" || exit 1
    give "$room" || exit 1
    loathon_of "$2" db restore "$room"
)

# point NAME RELEASE: change a link in one step
point() {
    ln -sfn "$2" "$HOUSE/.$1.new"
    mv -T "$HOUSE/.$1.new" "$HOUSE/$1"
}

place_units() {
    install -m 0644 "$1"/deploy/systemd/loathon*.service "$1"/deploy/systemd/loathon*.timer "$ETC/systemd/system/"
    install -D -m 0644 "$1/deploy/systemd/journald.conf" "$ETC/systemd/journald.conf.d/loathon.conf"
    systemctl daemon-reload
}

# Whether households can be answered; waits for a start that is under way
healthy() {
    curl --silent --fail --output /dev/null --retry "$PATIENCE_S" --retry-delay 1 --retry-all-errors \
        --retry-max-time "$PATIENCE_S" --max-time 10 "http://127.0.0.1:${LOATHON_HTTP_PORT:-8080}/health"
}
