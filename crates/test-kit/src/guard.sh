# Keeps a database server for the process that holds the other end of standard input, and ends it
# and removes its folder when that process lets go or dies, however it dies.
#
# What stands before this text says how one engine does it: `prepare` fills the folder, `serve`
# becomes the server, and `forget` removes what a killed server leaves outside its folder. The
# arguments are the folder, and settings for `serve`.
#
# Answers with the number of a started server, "failed" where the folder could not be filled, and
# "killed" when the server was killed.

# The kernel hangs up on a group of processes that loses its parent while one of them is stopped.
trap '' HUP
folder=$1
shift
cd "$folder" || exit 1
server=

start() {
    serve "$@" </dev/null >>log 2>&1 &
    server=$!
    echo "$server"
}

# Kills the server and its children, and waits until none of them runs.
crash() {
    kill -s STOP "$server"
    children=$(grep -ls "^PPid:[[:space:]]*$server\$" /proc/[0-9]*/status | cut -d/ -f3)
    # each child a word
    kill -s KILL "$server" $children
    wait "$server"
    server=
    for child in $children; do
        while grep -qs '^State:[[:space:]][^XZ]' "/proc/$child/status"; do sleep 0.01; done
    done
    forget
}

if prepare >>log 2>&1 </dev/null; then start "$@"; else echo failed; fi
while read -r order; do
    case $order in
    kill) [ -z "$server" ] || crash 2>>log; echo killed ;;
    start) start "$@" ;;
    esac
done
[ -z "$server" ] || crash 2>>log
cd / && rm -rf "$folder"
