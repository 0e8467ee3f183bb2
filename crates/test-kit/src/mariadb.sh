# Its own place for temporary tables: a starting server removes those of others. Nobody but `caruso`
# may come in; `serve` makes it, for the installer cannot.
prepare() {
    printf '%s;\n' "DELETE FROM mysql.global_priv WHERE user = 'root'" 'FLUSH PRIVILEGES' \
        "CREATE USER IF NOT EXISTS caruso@'127.0.0.1' IDENTIFIED BY '$(cat secret)'" \
        "GRANT ALL ON *.* TO caruso@'127.0.0.1' WITH GRANT OPTION" >users.sql
    mariadb-install-db --no-defaults --datadir="$PWD/data" --tmpdir="$PWD" --skip-test-db \
        --skip-name-resolve --auth-root-authentication-method=normal \
        --innodb-buffer-pool-size=32M --innodb-log-file-size=16M
}

# The character set is that of Debian's configuration, which is not read.
serve() {
    if [ -e key.pem ]; then
        set -- "--ssl-cert=$PWD/certificate.pem" "--ssl-key=$PWD/key.pem" "$@"
    fi
    exec mariadbd --no-defaults --datadir="$PWD/data" --tmpdir="$PWD" --init-file="$PWD/users.sql" \
        --skip-networking=0 --bind-address=127.0.0.1 --port="$PORT" --socket=socket \
        --pid-file=pid --skip-name-resolve --innodb-buffer-pool-size=32M \
        --innodb-log-file-size=16M --innodb-use-native-aio=0 --character-set-server=utf8mb4 \
        --collation-server=utf8mb4_general_ci "$@"
}

forget() {
    :
}
