prepare() {
    "$BIN/initdb" -D data --no-sync --auth=scram-sha-256 --pwfile=secret --username=caruso \
        --encoding=UTF8 --locale=C.UTF-8
}

serve() {
    if [ -e key.pem ]; then
        set -- -c ssl=on -c "ssl_cert_file=$PWD/certificate.pem" -c "ssl_key_file=$PWD/key.pem" "$@"
    fi
    exec "$BIN/postgres" -D data -p "$PORT" -c listen_addresses=127.0.0.1 \
        -c unix_socket_directories= -c dynamic_shared_memory_type=mmap -c shared_buffers=32MB "$@"
}

# A killed server leaves a small segment of shared memory; line 7 of its file ends with the number.
forget() {
    ipcrm -m "$(sed -n '7s/.* //p' data/postmaster.pid)"
}
